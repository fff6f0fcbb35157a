import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AccountResult, ActResult } from '../../src/organization/account-result.ts';
import { closeRun } from '../../src/organization/close-run.ts';
import { type Manifest, placesOf } from '../../src/organization/manifest.ts';
import type { AccountFailure } from '../../src/organization/run-so-far.ts';
import type { HowToSettle } from '../../src/organization/settle-run.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import { placeKey } from '../../src/policy/place.ts';
import type { Target } from '../../src/policy/target.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import {
  accountNumber,
  accountOf,
  findingOf,
  idOf,
  judgedRegion,
  manifestWith,
  OTHER_REGION,
  placeAudit,
  RUN,
  resultOf,
} from '../support/examples/organization.ts';
import { times } from '../support/tools/fuzz.ts';

const HOW: HowToSettle = {
  mode: 'enforce',
  allowlist: new CompiledAllowlist({ version: 1, rules: [] }),
  maxRevocations: 10,
  maxRevocationsPerRun: 50,
};
const close = (
  manifest: Manifest,
  results: readonly AccountResult[],
  {
    failures = [],
    acted = [],
    ...how
  }: Partial<HowToSettle> & { failures?: AccountFailure[]; acted?: ActResult[] } = {},
) => closeRun({ manifest, results, failures }, acted, { ...HOW, ...how });
const actResult = (account: string, outcomes: ActResult['outcomes']): ActResult => {
  return { schemaVersion: '1.0', run: RUN, account, outcomes, apiCalls: {} };
};
const statesOf = (targets: readonly Target[]) =>
  targets.map((target) => [target.region, target.status, 'why' in target ? target.why : undefined]);
const ofError = (detail: string) => ({ status: 'not-judged', why: 'error', detail });

describe('the targets of a closed run', () => {
  test('are those of the manifest, in its order, whatever results there are', () => {
    fc.assert(
      fc.property(arbitraryRun(), ({ manifest, results, failures }) => {
        const { targets } = close(manifest, results, { failures });

        expect(targets.map(placeKey)).toEqual(placesOf(manifest).map(placeKey));
      }),
      times(200),
    );
  });

  test('are complete if and only if none is not judged, and each that is not is named', () => {
    fc.assert(
      fc.property(arbitraryRun(), ({ manifest, results, failures }) => {
        const { targets, complete, notJudged, places } = close(manifest, results, { failures });

        const open = targets.filter(({ status }) => status === 'not-judged').map(placeKey);
        expect(complete).toBe(open.length === 0);
        expect(new Set(notJudged.map(placeKey))).toEqual(new Set(open));
        const lookedAt = targets.filter(({ status }) => status === 'judged' || status === 'not-judged');
        expect(places.map(placeKey)).toEqual(lookedAt.map(placeKey));
      }),
      times(200),
    );
  });

  test('are judged only with a result that says so', () => {
    fc.assert(
      fc.property(arbitraryRun(), ({ manifest, results, failures }) => {
        const { targets } = close(manifest, results, { failures });

        for (const { account, region, status } of targets.filter((target) => target.status === 'judged')) {
          const own = results.filter((result) => result.account === account);
          expect(own).toHaveLength(1);
          expect(own[0]?.regions.find((one) => one.region === region)?.status).toBe(status);
        }
      }),
      times(200),
    );
  });

  test('are the same whatever the order of the results', () => {
    fc.assert(
      fc.property(arbitraryRun(), ({ manifest, results, failures }) => {
        const reversed = close(manifest, results.toReversed(), { failures: failures.toReversed() });

        expect(reversed).toEqual(close(manifest, results, { failures }));
      }),
      times(100),
    );
  });

  test.each([1, 9, 500])('are all there with %i accounts, of which one lost its result', (count) => {
    const accounts = Array.from({ length: count }, (_, n) => accountOf(accountNumber(n)));
    const results = accounts.slice(1).map(({ account }) => resultOf(account));

    const { targets, complete } = close(manifestWith({ accounts }), results);

    expect(targets).toHaveLength(count * 2);
    expect(targets.filter(({ status }) => status === 'judged')).toHaveLength((count - 1) * 2);
    expect(statesOf(targets.slice(0, 2))).toEqual([
      [OTHER_REGION, 'not-judged', 'no-result'],
      [REGION, 'not-judged', 'no-result'],
    ]);
    expect(complete).toBe(false);
  });

  test.each(['UNKNOWN', 'RESTRICTED'])(
    'are not judged if no one knows what the state of the account means: %s',
    (state) => {
      const accounts = [accountOf(ACCOUNT, { state })];

      const { targets, complete } = close(manifestWith({ accounts, regions: [REGION] }), []);

      expect(statesOf(targets)).toEqual([[REGION, 'not-judged', 'error']]);
      expect(complete).toBe(false);
    },
  );

  test('have no more of such a state than can be printed, on one line', () => {
    const accounts = [accountOf(ACCOUNT, { state: `NEW\u001b[31m\r\n${'x'.repeat(1000)}` })];

    const { targets } = close(manifestWith({ accounts, regions: [REGION] }), []);

    expect(targets).toMatchObject([{ detail: expect.stringMatching(/^the account is in state NEW[ -~]{1,50}$/) }]);
  });

  test('are excluded, or not applicable with the state of the account, and no reason for an incomplete run', () => {
    const accounts = [
      { ...accountOf(accountNumber(1)), excluded: true as const },
      accountOf(accountNumber(2), { state: 'SUSPENDED' }),
    ];

    const { targets, complete, places } = close(manifestWith({ accounts, regions: [REGION] }), []);

    expect(targets).toEqual([
      { account: accountNumber(1), region: REGION, status: 'excluded' },
      {
        account: accountNumber(2),
        region: REGION,
        status: 'not-applicable',
        why: 'account-not-active',
        detail: 'SUSPENDED',
      },
    ]);
    expect([complete, places]).toEqual([true, []]);
  });

  test('say why the evaluation of their account failed', () => {
    const failure: AccountFailure = { account: ACCOUNT, why: 'throttled', detail: 'ThrottledError' };

    const { targets, notJudged } = close(manifestWith({ regions: [REGION] }), [], { failures: [failure] });

    const why = 'AWS throttled the calls to the end (ThrottledError)';
    expect(targets).toEqual([
      { account: ACCOUNT, region: REGION, status: 'not-judged', why: 'throttled', detail: 'ThrottledError' },
    ]);
    expect(notJudged).toEqual([{ account: ACCOUNT, region: REGION, what: 'all of it', why }]);
  });

  test('keep what was evaluated, though the evaluation of their account failed in the end', () => {
    const failed = { region: REGION, status: 'not-judged', why: 'throttled' } as const;
    const result = resultOf(ACCOUNT, { regions: [judgedRegion(ACCOUNT, OTHER_REGION), failed] });

    const { targets } = close(manifestWith(), [result], { failures: [{ account: ACCOUNT, why: 'throttled' }] });

    expect(statesOf(targets)).toEqual([
      [OTHER_REGION, 'judged', undefined],
      [REGION, 'not-judged', 'throttled'],
    ]);
  });

  test.each<[string, AccountResult[], string]>([
    [
      'that comes twice',
      [resultOf(ACCOUNT), resultOf(ACCOUNT)],
      '2 results came for the account, and one is right at most',
    ],
    ['of another run', [resultOf(ACCOUNT, { run: 'an-earlier-one' })], 'the result is of another run'],
    [
      'by another allowlist',
      [resultOf(ACCOUNT, { allowlistSha256: 'b'.repeat(64) })],
      'the allowlist changed during the run: the next run evaluates the account by the new one',
    ],
  ])('are not judged by a result %s', (_, results, detail) => {
    const { targets, refused, findings } = close(manifestWith({ regions: [REGION] }), results);

    expect(targets).toEqual([{ account: ACCOUNT, region: REGION, ...ofError(detail) }]);
    expect(refused).toEqual([{ account: ACCOUNT, why: detail }]);
    expect(findings).toEqual([]);
  });

  test('are not judged by a result that speaks of a region twice, or not of it', () => {
    const twice = resultOf(ACCOUNT, { regions: [REGION, REGION].map((region) => judgedRegion(ACCOUNT, region)) });

    const { targets } = close(manifestWith(), [twice]);

    expect(targets).toEqual([
      { account: ACCOUNT, region: OTHER_REGION, status: 'not-judged', why: 'no-result' },
      { account: ACCOUNT, region: REGION, ...ofError('the result speaks of the region twice') },
    ]);
  });

  test.each<[string, Partial<Manifest>]>([
    ['not in the manifest', {}],
    ['excluded', { accounts: [accountOf(ACCOUNT), { ...accountOf(STRANGER), excluded: true }] }],
    ['suspended', { accounts: [accountOf(ACCOUNT), accountOf(STRANGER, { state: 'SUSPENDED' })] }],
  ])('take nothing from the result of an account that is %s', (_, changes) => {
    const uninvited = resultOf(STRANGER, {
      findings: [findingOf(STRANGER, 'sgr-01')],
      due: [idOf(STRANGER, 'sgr-01')],
    });

    const { targets, findings, refused } = close(manifestWith(changes), [resultOf(ACCOUNT), uninvited]);

    expect(targets.filter(({ status }) => status === 'judged').map(({ account }) => account)).toEqual([
      ACCOUNT,
      ACCOUNT,
    ]);
    expect(findings).toEqual([]);
    expect(refused).toEqual([{ account: STRANGER, why: 'the run did not ask for this account' }]);
  });
});

describe('the findings of a closed run', () => {
  const due = resultOf(ACCOUNT, { findings: [findingOf(ACCOUNT, 'sgr-01')], due: [idOf(ACCOUNT, 'sgr-01')] });
  const revoked = findingOf(ACCOUNT, 'sgr-01', { outcome: 'revoked', revocationRequestId: 'r-1' });

  test('have the outcome of the step that revokes', () => {
    const acted = [actResult(ACCOUNT, { [idOf(ACCOUNT, 'sgr-01')]: { findings: [revoked] } })];

    const { findings } = close(manifestWith(), [due], { acted });

    expect(findings).toEqual([revoked]);
  });

  test.each<[string, ActResult[], object]>([
    ['is gone', [actResult(ACCOUNT, { [idOf(ACCOUNT, 'sgr-01')]: { isGone: true } })], { outcome: 'already-gone' }],
    [
      'could not be looked at again',
      [actResult(ACCOUNT, { [idOf(ACCOUNT, 'sgr-01')]: { problem: 'no answer' } })],
      { outcome: 'failed', problem: 'no answer' },
    ],
    [
      'has no result of the step that revokes',
      [],
      {
        outcome: 'failed',
        problem: 'the step that revokes left no result for it: the next run evaluates it again',
      },
    ],
    [
      'has one of another run',
      [{ ...actResult(ACCOUNT, { [idOf(ACCOUNT, 'sgr-01')]: { isGone: true } }), run: 'an-earlier-one' }],
      {
        outcome: 'failed',
        problem: 'the step that revokes left no result for it: the next run evaluates it again',
      },
    ],
  ])('say so if what was due %s', (_, acted, expected) => {
    const { findings } = close(manifestWith(), [due], { acted });

    expect(findings).toEqual([{ ...findingOf(ACCOUNT, 'sgr-01'), ...expected }]);
  });

  test('come once for a rule with several grants, as the step that revokes found them', () => {
    const both = [findingOf(ACCOUNT, 'sgr-01'), findingOf(ACCOUNT, 'sgr-01', {}, { cacheName: 'carts' })];
    const acted = [actResult(ACCOUNT, { [idOf(ACCOUNT, 'sgr-01')]: { findings: [revoked] } })];

    const { findings } = close(manifestWith(), [{ ...due, findings: both }], { acted });

    expect(findings).toEqual([revoked]);
  });

  test('have the outcome of the step that revokes, though by now more is due than a run may make', () => {
    const acted = [actResult(ACCOUNT, { [idOf(ACCOUNT, 'sgr-01')]: { findings: [revoked] } })];

    const { findings } = close(manifestWith(), [due], { acted, maxRevocationsPerRun: 0 });

    expect(findings).toEqual([revoked]);
  });

  test.each<[string, AccountResult[]]>([
    ['is not in the result of its account any more', [resultOf(ACCOUNT)]],
    ['is of an account whose result is lost', []],
    ['is of an account whose result is refused', [{ ...due, run: 'an-earlier-one' }]],
  ])('have what was revoked, and what could not be, though it %s', (_, results) => {
    const failed = findingOf(ACCOUNT, 'sgr-02', { outcome: 'failed', problem: 'no answer' });
    const acted = [
      actResult(ACCOUNT, {
        [idOf(ACCOUNT, 'sgr-01')]: { findings: [revoked] },
        [idOf(ACCOUNT, 'sgr-02')]: { findings: [failed] },
      }),
    ];

    expect(close(manifestWith(), results, { acted }).findings).toEqual([revoked, failed]);
  });

  test('are held if the run has more due than it may make', () => {
    const { findings } = close(manifestWith(), [due], { maxRevocationsPerRun: 0 });

    const problem = '1 revocations are due in all accounts, more than a run may make';
    expect(findings).toEqual([{ ...findingOf(ACCOUNT, 'sgr-01'), outcome: 'held', heldBecause: 'limit', problem }]);
  });

  test('stand as failed if the evaluation of their account failed in the end', () => {
    const { findings } = close(manifestWith(), [due], { failures: [{ account: ACCOUNT, why: 'throttled' }] });

    expect(findings.map(({ outcome, problem }) => [outcome, problem])).toEqual([
      [
        'failed',
        'it was not revoked, because the evaluation of its account failed in part: the next run evaluates it again',
      ],
    ]);
  });

  test('stay as they are in report-only mode', () => {
    const { findings } = close(manifestWith(), [{ ...due, due: [] }], { mode: 'report-only' });

    expect(findings).toEqual([findingOf(ACCOUNT, 'sgr-01')]);
  });
});

describe('a grant that its account held because a name in the allowlist is gone there', () => {
  const allowlist = new CompiledAllowlist({
    version: 1,
    rules: [{ id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/16'] }],
  });
  const held = findingOf(
    ACCOUNT,
    'sgr-01',
    { outcome: 'held', heldBecause: 'gone-name', problem: 'gone' },
    { cacheName: 'carts' },
  );
  const here = resultOf(ACCOUNT, {
    findings: [held],
    regions: [OTHER_REGION, REGION].map((region) => judgedRegion(ACCOUNT, region, ['carts'])),
  });
  const manifest = manifestWith({ accounts: [accountOf(ACCOUNT), accountOf(STRANGER)] });
  const plain = findingOf(ACCOUNT, 'sgr-01', {}, { cacheName: 'carts' });

  test('is due if a cache of another account has the name', () => {
    const acted = [actResult(ACCOUNT, { [idOf(ACCOUNT, 'sgr-01')]: { findings: [{ ...plain, outcome: 'revoked' }] } })];

    const { findings, warnings } = close(manifest, [here, resultOf(STRANGER)], { allowlist, acted });

    expect(findings).toEqual([{ ...plain, outcome: 'revoked' }]);
    expect(warnings).toEqual([]);
  });

  test('would be revoked, in report-only mode', () => {
    const { findings } = close(manifest, [here, resultOf(STRANGER)], { allowlist, mode: 'report-only' });

    expect(findings).toEqual([plain]);
  });

  test('is held if its account has more due than it may have', () => {
    const { findings } = close(manifest, [here, resultOf(STRANGER)], { allowlist, maxRevocations: 0 });

    expect(findings).toEqual([{ ...plain, outcome: 'held', heldBecause: 'limit' }]);
  });

  test.each<[string, readonly AccountResult[], number]>([
    ['no cache of any account has the name', [resultOf(STRANGER, { regions: [] })], 0],
    ['the account that may have it was not evaluated', [], 0],
    [
      'every account was evaluated, and none has it',
      [
        resultOf(STRANGER, {
          regions: [OTHER_REGION, REGION].map((region) => judgedRegion(STRANGER, region, ['prices'])),
        }),
      ],
      1,
    ],
  ])('stays held if %s', (_, others, warningCount) => {
    const { findings, warnings } = close(manifest, [here, ...others], { allowlist });

    expect(findings).toMatchObject([{ outcome: 'held', heldBecause: 'gone-name' }]);
    expect(findings[0]?.problem).toMatch(/^allowlist rule `office` names cache `sessions`/);
    expect(warnings).toHaveLength(warningCount);
  });
});

/** Accounts in every state, with results of every kind: none, one, two, or one that no one asked for. */
function arbitraryRun() {
  return fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 9 }).chain((numbers) => {
    const ids = numbers.map(accountNumber);
    return fc.record({
      manifest: fc
        .tuple(...ids.map((id) => arbitraryAccount(id)))
        .map((accounts) => manifestWith({ accounts: accounts.toSorted((a, b) => (a.account < b.account ? -1 : 1)) })),
      results: fc.uniqueArray(fc.constantFrom(...ids, accountNumber(99)).chain(arbitraryResult), { maxLength: 12 }),
      failures: fc
        .subarray(ids)
        .map((some) => some.map((account): AccountFailure => ({ account, why: 'error', detail: 'States.Timeout' }))),
    });
  });
}

function arbitraryAccount(id: string) {
  return fc
    .record({ state: fc.constantFrom('ACTIVE', 'ACTIVE', 'SUSPENDED'), excluded: fc.constantFrom(false, false, true) })
    .map(({ state, excluded }) => ({ ...accountOf(id, { state }), ...(excluded && { excluded: true as const }) }));
}

function arbitraryResult(account: string): fc.Arbitrary<AccountResult> {
  return fc.subarray([REGION, OTHER_REGION]).chain((regions) =>
    fc.tuple(...regions.map((region) => arbitraryRegion(account, region))).map((made) => {
      const notJudged = made.flatMap((one) =>
        one.status === 'not-judged' && one.why === 'in-part'
          ? [{ account, region: one.region, what: 'a cache', why: 'no port' }]
          : [],
      );
      return resultOf(account, { regions: made, notJudged });
    }),
  );
}

function arbitraryRegion(account: string, region: string) {
  return fc.constantFrom(
    judgedRegion(account, region),
    { region, status: 'not-applicable' } as const,
    { region, status: 'not-judged', why: 'access-denied' } as const,
    { region, status: 'not-judged', why: 'in-part', audit: placeAudit(account, region) } as const,
  );
}
