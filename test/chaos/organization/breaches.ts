import { expectedWord, type Plan, REGIONS } from './plan.ts';
import type { Run } from './run.ts';

/** What must not be, and is: each with what it happened to. */
export interface Breach {
  readonly what:
    | 'a disallowed grant stands'
    | 'an allowed grant was revoked'
    | 'an event has neither an outcome nor a dead letter'
    | 'a revocation has no decision line'
    | 'a call went to a place with the credentials of another'
    | 'a report has another word for a place';
  readonly about: string;
}

/**
 * What must not be, and is. Whether a grant is allowed, and which places can be evaluated, follows from the plan; what stands and who
 * revoked what says the endpoint; what came of an event, Lambda and its queue.
 */
export function findBreaches({ plan, witness, standing, targets }: Run): Breach[] {
  const planned = new Map(plan.grants.map((grant) => [grant.key, grant]));
  const canBeJudged = (account: string, region: string): boolean =>
    expectedWord(plan.troubles.get(account) ?? 'nothing', region) === 'judged';
  const breach = (what: Breach['what'], all: readonly string[]): Breach[] => all.map((about) => ({ what, about }));
  return [
    ...breach(
      'a disallowed grant stands',
      standing.filter((key) => {
        const grant = planned.get(key);
        return grant !== undefined && !grant.isAllowed && canBeJudged(grant.account, grant.region);
      }),
    ),
    ...breach('an allowed grant was revoked', wrongRevocations(plan, witness.revoked)),
    ...breach(
      'an event has neither an outcome nor a dead letter',
      [...witness.fates.values()].flatMap((fate) =>
        fate.arrived === fate.outcomes + fate.deadLetters ? [] : `${fate.what}: ${JSON.stringify(fate)}`,
      ),
    ),
    ...breach(
      'a revocation has no decision line',
      witness.revoked.flatMap(({ key, by }) => (witness.told.has(key) ? [] : `${key} by ${by}`)),
    ),
    ...breach('a call went to a place with the credentials of another', [
      ...witness.misplaced.map((one) => JSON.stringify(one)),
      ...witness.astray(),
    ]),
    ...breach('a report has another word for a place', wrongWords(plan, targets)),
  ];
}

/** Of what is allowed, of what nobody planned, and of what is in a place that is not guarded. */
function wrongRevocations(plan: Plan, revoked: Run['witness']['revoked']): string[] {
  const planned = new Map(plan.grants.map((grant) => [grant.key, grant]));
  return revoked.flatMap(({ key, by }) => {
    const grant = planned.get(key);
    const isRight = grant !== undefined && !grant.isAllowed && plan.troubles.get(grant.account) !== 'it is excluded';
    return isRight ? [] : `${key} by ${by}`;
  });
}

function wrongWords({ troubles }: Plan, targets: Run['targets']): string[] {
  const said = new Map<string, string>(
    targets.map((one) => [`${one.account} ${one.region}`, `${one.status}${'why' in one ? ` ${one.why}` : ''}`]),
  );
  const expected = new Map<string, string>(
    [...troubles].flatMap(([account, trouble]) =>
      REGIONS.map((region) => [`${account} ${region}`, expectedWord(trouble, region)] as const),
    ),
  );
  return [...new Set([...said.keys(), ...expected.keys()])].flatMap((place) => {
    const [is, was] = [said.get(place), expected.get(place)];
    return is === was ? [] : `${place}: ${is}, not ${was}`;
  });
}
