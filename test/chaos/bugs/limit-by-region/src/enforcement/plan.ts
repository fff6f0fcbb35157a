import * as right from '../../../../../../src/enforcement/plan.ts';

export * from '../../../../../../src/enforcement/plan.ts';

/** Counts the revocations of each region by themselves. */
export const planRevocations: typeof right.planRevocations = (seen, ...how) => {
  const plans = [...Map.groupBy(seen, ({ place }) => place.region).values()].map((its) =>
    right.planRevocations(its, ...how),
  );
  return {
    revocations: plans.flatMap(({ revocations }) => revocations),
    settled: new Map(plans.flatMap(({ settled }) => [...settled])),
  };
};
