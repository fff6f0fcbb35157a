import * as right from '../../../../../../src/enforcement/plan.ts';

export * from '../../../../../../src/enforcement/plan.ts';

/** Counts the grants of cache security groups and the rules of security groups each by themselves. */
export const planRevocations: typeof right.planRevocations = (seen, ...how) => {
  const plans = [...Map.groupBy(seen, ({ kind }) => kind).values()].map((its) => right.planRevocations(its, ...how));
  return {
    revocations: plans.flatMap(({ revocations }) => revocations),
    settled: new Map(plans.flatMap(({ settled }) => [...settled])),
  };
};
