import { describe, expect, test } from 'vitest';
import { type HowToJudgeAccount, isThrottled, judgeAccount } from '../../src/organization/judge-account.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { Events } from '../../src/policy/target.ts';
import { denied, howTo, manyDenied, pageOf, pages } from '../support/examples/audited.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { idOf, OTHER_REGION, RUN, SHA } from '../support/examples/organization.ts';
import { fakeCalls, ruleFrom } from '../support/examples/security-groups.ts';

const THIRD_REGION = 'ap-south-1';
const WATCHED: Events = { status: 'watched' };
const NOT_EXPLAINED = { why: 'error', detail: 'an error' } as const;

/** How to evaluate an account with this audit in two regions that it has enabled. */
function howToJudge(audit: ReturnType<typeof howTo>, changes: Partial<HowToJudgeAccount> = {}): HowToJudgeAccount {
  return {
    ...audit,
    run: RUN,
    account: ACCOUNT,
    regions: [OTHER_REGION, REGION],
    allowlistSha256: SHA,
    listRegions: async () => ({ all: [OTHER_REGION, THIRD_REGION, REGION], enabled: [OTHER_REGION, REGION] }),
    eventsAt: async () => WATCHED,
    explain: () => NOT_EXPLAINED,
    apiCalls: () => ({ DescribeRegions: 1 }),
    ...changes,
  };
}
const statesOf = ({ regions }: Awaited<ReturnType<typeof judgeAccount>>) =>
  regions.map((one) => [one.region, one.status, 'why' in one ? one.why : undefined]);
const denyAnybody = ruleFrom({ kind: 'cidr', cidr: '0.0.0.0/0' }, { securityGroupRuleId: 'sgr-01' });

describe('the evaluation of an account', () => {
  test('revokes nothing in mode enforce, and says what is due', async () => {
    const fake = fakeCalls({ rules: [denyAnybody] });
    const audit = howTo([denied()], fake.calls);

    const result = await judgeAccount(howToJudge(audit, { regions: [REGION] }));

    expect([audit.revoked, fake.revoked]).toEqual([[], []]);
    expect(result.findings.map(({ outcome }) => outcome)).toEqual(['would-revoke', 'would-revoke']);
    expect(result.due).toHaveLength(2);
    expect(result.due).toContain(idOf(ACCOUNT, 'sgr-01'));
    expect([result.run, result.account, result.allowlistSha256]).toEqual([RUN, ACCOUNT, SHA]);
  });

  test('has nothing due of a security group that another account shares, and its limit is for its own rules', async () => {
    const shared = Array.from({ length: 10 }, (_, index) => ({
      ...denyAnybody,
      account: STRANGER,
      securityGroupRuleId: `sgr-1${index}`,
    }));
    const audit = howTo([], fakeCalls({ rules: [denyAnybody, ...shared] }).calls);

    const { due, held, findings } = await judgeAccount(howToJudge(audit, { regions: [REGION], maxRevocations: 1 }));

    expect(due).toEqual([idOf(ACCOUNT, 'sgr-01')]);
    expect(held).toBe(0);
    const ofOther = findings.filter(({ grant }) => grant.account === STRANGER);
    expect(ofOther).toHaveLength(10);
    for (const { outcome, problem } of ofOther) {
      expect(outcome).toBe('failed');
      expect(problem).toContain(`account ${STRANGER} owns its security group and shares it`);
    }
  });

  test('has nothing due in report-only mode', async () => {
    const { due, findings } = await judgeAccount(howToJudge(howTo([denied()]), { mode: 'report-only' }));

    expect(due).toEqual([]);
    expect(findings.map(({ outcome }) => outcome)).toEqual(['would-revoke', 'would-revoke']);
  });

  test.each([
    [10, 10, 0],
    [11, 0, 11],
  ])('with %i due and a limit of 10 has %i due and holds %i', async (count, due, held) => {
    const audit = howTo(manyDenied(count));

    const result = await judgeAccount(howToJudge(audit, { regions: [REGION] }));

    expect([result.due.length, result.held]).toEqual([due, held]);
    expect(audit.revoked).toEqual([]);
  });

  test('makes no call to a region that the account has not enabled', async () => {
    const asked: string[] = [];
    const events: string[] = [];
    const audit = howTo([]);
    const how = howToJudge(audit, {
      regions: [THIRD_REGION, REGION],
      connect: (place) => {
        asked.push(place.region);
        return audit.connect(place);
      },
      eventsAt: async ({ region }) => {
        events.push(region);
        return WATCHED;
      },
    });

    const result = await judgeAccount(how);

    expect(statesOf(result)).toEqual([
      [THIRD_REGION, 'not-applicable', undefined],
      [REGION, 'judged', undefined],
    ]);
    expect([new Set(asked), events]).toEqual([new Set([REGION]), [REGION]]);
  });

  test.each([
    ['member-role-missing', 'member-role-missing'],
    ['denied-by-service-control-policy', 'denied-by-service-control-policy'],
    ['throttled', 'throttled'],
    ['access-denied', 'region-list-not-readable'],
    ['error', 'region-list-not-readable'],
  ] as const)('makes no call if the enabled regions are not known: %s', async (why, expected) => {
    const how = howToJudge(howTo([]), {
      listRegions: () => Promise.reject(new Error('no')),
      connect: () => expect.unreachable('nothing may be called'),
      eventsAt: () => expect.unreachable('nothing may be called'),
      explain: () => ({ why, detail: 'no' }),
    });

    const result = await judgeAccount(how);

    expect(statesOf(result)).toEqual([
      [OTHER_REGION, 'not-judged', expected],
      [REGION, 'not-judged', expected],
    ]);
  });

  test('does not take a region that EC2 does not know for one that is not enabled', async () => {
    const how = howToJudge(howTo([]), { regions: ['eu-wets-1', REGION] });

    const result = await judgeAccount(how);

    expect(statesOf(result)).toEqual([
      ['eu-wets-1', 'not-judged', 'error'],
      [REGION, 'judged', undefined],
    ]);
  });

  test('says by the error of a listing why a region is not judged, and keeps the other', async () => {
    const refused = Object.assign(new Error('no'), { name: 'AccessDenied' });
    const explained: unknown[] = [];
    const audit = howTo([], {
      listGrants: (region) => (region === REGION ? pages(pageOf(denied()), refused) : pages(pageOf())),
    });
    const how = howToJudge(audit, {
      explain: (error) => {
        explained.push(error);
        return { why: 'access-denied', detail: 'AccessDenied: no' };
      },
    });

    const result = await judgeAccount(how);

    expect(statesOf(result)).toEqual([
      [OTHER_REGION, 'judged', undefined],
      [REGION, 'not-judged', 'access-denied'],
    ]);
    expect(explained).toEqual([refused]);
    expect(result.findings).toHaveLength(1);
    expect(isThrottled(result)).toBe(false);
  });

  test('is throttled if a region is in the end', async () => {
    const audit = howTo([], { listCaches: () => Promise.reject(new Error('Rate exceeded')) });

    const result = await judgeAccount(howToJudge(audit, { explain: () => ({ why: 'throttled', detail: '' }) }));

    expect(isThrottled(result)).toBe(true);
  });

  test('judges in part a region with a cache that cannot be evaluated', async () => {
    const problem = { cacheName: 'carts', securityGroupIds: [], ports: [], problem: 'it has no port' };
    const audit = howTo([], { ...fakeCalls({ caches: [problem] }).calls });

    const result = await judgeAccount(howToJudge(audit, { regions: [REGION] }));

    expect(result.regions).toMatchObject([
      { region: REGION, status: 'not-judged', why: 'in-part', detail: 'cache carts: it has no port' },
    ]);
    expect(result.notJudged).toMatchObject([{ account: ACCOUNT, region: REGION, what: 'cache carts' }]);
  });

  test('has no time left for regions whose turn comes after the deadline', async () => {
    const deadline = new Date('2026-11-23T11:00:00Z');

    const result = await judgeAccount(howToJudge(howTo([]), { deadline, regions: [REGION] }));

    expect(statesOf(result)).toEqual([[REGION, 'not-judged', 'no-time-left']]);
  });

  test('has the names of the caches of each region, and whether its events are watched', async () => {
    const audit = howTo([], { ...fakeCalls({}).calls });

    const { regions } = await judgeAccount(howToJudge(audit, { regions: [REGION] }));

    expect(regions).toMatchObject([{ names: { names: ['sessions'], areAll: true }, events: WATCHED }]);
  });

  test('holds a rule for a name that is gone in the account: whether another has it, the run knows', async () => {
    const allowlist = new CompiledAllowlist({
      version: 1,
      rules: [{ id: 'office', caches: ['carts'], cidrs: ['10.0.0.0/8'], accounts: [ACCOUNT, STRANGER] }],
    });
    const fake = fakeCalls({ rules: [ruleFrom({ kind: 'cidr', cidr: '10.0.0.0/16' })] });
    const audit = howTo([], { ...fake.calls, allowlist });

    const { findings, due } = await judgeAccount(howToJudge(audit, { regions: [REGION] }));

    expect(findings).toMatchObject([{ outcome: 'held', heldBecause: 'gone-name' }]);
    expect(due).toEqual([]);
  });
});
