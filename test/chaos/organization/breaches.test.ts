import { expect, test } from 'vitest';
import { type Breach, findBreaches } from './breaches.ts';
import { expectedWord, type PlannedGrant, planOrganization, REGIONS } from './plan.ts';
import type { Run } from './run.ts';
import type { Witness } from './witness.ts';

const plan = planOrganization(1, 2);
const grantOf = (isAllowed: boolean): PlannedGrant => {
  const isOfMember = ({ account }: PlannedGrant) => plan.troubles.get(account) === 'nothing';
  const found = plan.grants.find((grant) => grant.isAllowed === isAllowed && isOfMember(grant));
  if (found === undefined) throw new Error('the plan has no such grant');
  return found;
};
const [allowed, disallowed] = [grantOf(true), grantOf(false)];
const targets = [...plan.troubles].flatMap(([account, trouble]) =>
  REGIONS.map((region) => {
    const [status = '', why] = expectedWord(trouble, region).split(' ');
    return { account, region, status, ...(why && { why }) };
  }),
) as Run['targets'];

/** A run in which all went well, but for these changes. */
function runWith(seen: Partial<Witness>, changes: Partial<Run> = {}): Run {
  const witness = {
    revoked: [{ key: disallowed.key, by: 'actAccount' }],
    told: new Set([disallowed.key]),
    fates: new Map([['1', { what: 'an event', arrived: 2, outcomes: 1, deadLetters: 1 }]]),
    misplaced: [],
    astray: () => [],
    ...seen,
  } as unknown as Witness;
  return { plan, witness, standing: [allowed.key], targets, faults: {} as Run['faults'], audits: 1, ...changes };
}

test('a run in which all went well has no breach', () => {
  expect(findBreaches(runWith({}))).toEqual([]);
});

test.each<[Breach['what'], Run]>([
  ['a disallowed grant stands', runWith({}, { standing: [disallowed.key] })],
  [
    'an allowed grant was revoked',
    runWith({ revoked: [{ key: allowed.key, by: 'actAccount' }], told: new Set([allowed.key]) }),
  ],
  [
    'an event has neither an outcome nor a dead letter',
    runWith({ fates: new Map([['1', { what: 'an event', arrived: 2, outcomes: 1, deadLetters: 0 }]]) }),
  ],
  ['a revocation has no decision line', runWith({ told: new Set() })],
  ['a call went to a place with the credentials of another', runWith({ astray: () => ['a call'] })],
  ['a report has another word for a place', runWith({}, { targets: targets.slice(1) })],
])('it is seen that %s', (what, run) => {
  expect(findBreaches(run).map((breach) => breach.what)).toEqual([what]);
});
