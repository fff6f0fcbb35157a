import { describe, expect, test } from 'vitest';
import { audit } from '../../src/enforcement/audit.ts';
import { cacheIndexReader } from '../../src/enforcement/cache-index.ts';
import { enforceSecurityGroupEvent } from '../../src/enforcement/enforce-security-group-event.ts';
import type { ReadSecurityGroupEvent } from '../../src/enforcement/security-group-event.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { PrefixListContent } from '../../src/policy/vpc/source.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import {
  fakeCalls,
  GROUP,
  OTHER_GROUP,
  RULE,
  ruleFrom,
  ruleWith,
  sessions,
} from '../support/examples/security-groups.ts';
import { UNHURRIED, UNHURRIED_AUDIT } from '../support/examples/unhurried.ts';

const LIST = 'pl-0123456789abcdef0';
const rule = ruleFrom({ kind: 'prefixList', prefixListId: LIST });
const eventTime = new Date('2026-11-23T12:00:00Z');
const at = { account: ACCOUNT, region: REGION, call: { eventId: 'e', eventTime, grantedBy: {} } };
const changed: ReadSecurityGroupEvent = { kind: 'prefixList', ...at, prefixListId: LIST };
const made: ReadSecurityGroupEvent = { kind: 'rules', ...at, securityGroupId: GROUP, securityGroupRuleIds: [RULE] };

const INSIDE: PrefixListContent = { entries: ['10.1.0.0/16'] };
const OUTSIDE: PrefixListContent = { entries: ['10.1.0.0/16', '203.0.113.0/24'] };
const CHANGING: PrefixListContent = { isChanging: true };
const DENIED = new Error('not authorized to perform: ec2:GetManagedPrefixListEntries');

const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [{ id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/8'] }],
});

function start(
  content: PrefixListContent | Error | undefined,
  others: Parameters<typeof fakeCalls>[0] = {},
  lateMs = 5_000,
) {
  const fake = fakeCalls({ rules: [rule], ...others, prefixLists: content ? { [LIST]: content } : {} });
  const now = () => new Date(eventTime.getTime() + lateMs);
  const policy = { allowlist, mode: 'enforce', shared: 'hold', mixed: 'hold', maxRevocations: 10 } as const;
  const cacheIndex = cacheIndexReader(() => fake.calls.listCaches(), now);
  return {
    ...fake,
    enforce: (event: ReadSecurityGroupEvent) =>
      enforceSecurityGroupEvent(event, {
        ...UNHURRIED,
        connect: () => fake.calls,
        guardedAccount: ACCOUNT,
        cacheIndex,
        readPolicy: async () => ({ ...policy, allowlistSha256: 'abc' }),
        now,
      }),
    audit: () =>
      audit({
        ...UNHURRIED_AUDIT,
        ...policy,
        places: [{ account: ACCOUNT, region: REGION }],
        connect: () => ({
          ...fake.calls,
          async *listGrants() {},
          toRevokeGrant: () => Promise.reject(new Error('there is none')),
        }),
        now,
      }),
  };
}

describe.each([
  ['was made', made],
  ['refers to a prefix list that was changed', changed],
])('a rule that %s', (_, event) => {
  test('is allowed if every entry of its prefix list lies inside a range of the allowlist rule', async () => {
    const { enforce, revoked } = start(INSIDE);

    const { outcome, error } = await enforce(event);

    expect(error).toBeUndefined();
    expect(outcome).toMatchObject({
      outcome: 'allowed',
      decision: { rule: 'office' },
      grant: { source: { kind: 'prefixList', prefixListId: LIST, entries: ['10.1.0.0/16'] } },
    });
    expect(revoked).toEqual([]);
  });

  test('is revoked if an entry lies outside, and the decision names it', async () => {
    const { enforce, revoked } = start(OUTSIDE);

    const { outcome } = await enforce(event);

    expect(outcome).toMatchObject({
      outcome: 'revoked',
      decision: { reasons: [{ text: expect.stringContaining('(not covered: 203.0.113.0/24, of 2 entries)') }] },
    });
    expect(revoked).toEqual([RULE]);
  });

  test('is revoked if the prefix list is empty: it can get any entry', async () => {
    const { enforce, revoked } = start({ entries: [] });

    expect((await enforce(event)).outcome.outcome).toBe('revoked');
    expect(revoked).toEqual([RULE]);
  });

  test('fails and stands if the entries cannot be read', async () => {
    const { enforce, revoked } = start(DENIED);

    const { outcome } = await enforce(event);

    expect(outcome).toMatchObject({
      outcome: 'failed',
      problem: `rule ${RULE} of security group ${GROUP}: the entries of prefix list ${LIST} cannot be read: ${DENIED.message}`,
    });
    expect(revoked).toEqual([]);
  });

  test('is pending while the prefix list is being changed, and the event is to come again', async () => {
    const { enforce, revoked, state } = start(CHANGING);

    const { outcome, error } = await enforce(event);
    state.prefixLists = { [LIST]: OUTSIDE };
    const again = await enforce(event);

    const problem = `prefix list ${LIST} is being changed: its entries are not known yet`;
    expect(error).toBeUndefined();
    expect(outcome).toMatchObject({ outcome: 'pending', problem, awaits: problem });
    expect(again.outcome.outcome).toBe('revoked');
    expect(revoked).toEqual([RULE]);
  });

  test('fails if the prefix list is still being changed after more than six hours', async () => {
    const { enforce } = start(CHANGING, {}, 7 * 3_600_000);

    const { outcome, error } = await enforce(event);

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toMatch(/is being changed/);
  });

  test('stands and fails if the prefix list was edited after it was evaluated', async () => {
    const { enforce, calls, revoked, state } = start(OUTSIDE);
    const { listRules } = calls;
    let looks = 0;
    Object.assign(calls, {
      async *listRules(...asked: Parameters<typeof listRules>) {
        // The first look is to judge, the last one is right before the revocation.
        if (++looks > 1) state.prefixLists = { [LIST]: INSIDE };
        yield* listRules(...asked);
      },
    });

    const { outcome, error } = await enforce(event);

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toMatch(/^the prefix list of rule sgr-\w+ was edited after it was evaluated/);
    expect(revoked).toEqual([]);
  });
});

describe('the entries of a prefix list', () => {
  test('are not read where no decision depends on them', async () => {
    const elsewhere = start(DENIED, { caches: [{ ...sessions, cacheName: 'carts' }] });

    const { outcome } = await elsewhere.enforce(made);

    expect(outcome.outcome).toBe('revoked');
    expect(elsewhere.made).not.toContain('readPrefixList');
  });

  test('are read once for all rules that name the list, and again before each revocation', async () => {
    const rules = ['a', 'b', 'c'].map((id) => ({ ...rule, securityGroupRuleId: `sgr-${id}` }));
    const { audit: run, made: calls } = start(INSIDE, { rules });

    const { findings } = await run();

    expect(findings.map(({ outcome }) => outcome)).toEqual(['allowed', 'allowed', 'allowed']);
    expect(calls.filter((call) => call === 'readPrefixList')).toHaveLength(1);
  });
});

describe('a long prefix list', () => {
  const many = { entries: Array.from({ length: 1_000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`) };
  const cut = { kind: 'prefixList', prefixListId: LIST, entries: many.entries.slice(0, 20), entryCount: 1_000 };

  test('is judged whole, and cut in outcomes and findings', async () => {
    const { enforce, audit: run } = start(many);

    expect((await enforce(changed)).outcome).toMatchObject({ outcome: 'allowed', grant: { source: cut } });
    expect((await run()).findings).toMatchObject([{ outcome: 'allowed', grant: { source: cut } }]);
  });

  test.each<[string, PrefixListContent | Error]>([
    ['whose entries are read', many],
    ['whose entries cannot be read', DENIED],
  ])('%s is held where the allowlist would allow it by a name that is gone', async (_, content) => {
    const renamed = [{ ...sessions, cacheName: 'carts' }];
    const { enforce, audit: run, revoked } = start(content, { caches: renamed });

    expect((await enforce(changed)).outcome).toMatchObject({ outcome: 'held', heldBecause: 'gone-name' });
    expect((await run()).findings).toMatchObject([{ outcome: 'held', heldBecause: 'gone-name' }]);
    expect(revoked).toEqual([]);
  });
});

describe('an event of a prefix list', () => {
  test('looks at no rule but those that name it, in every group that guards a cache', async () => {
    const carts = { ...sessions, cacheName: 'carts', securityGroupIds: [OTHER_GROUP] };
    const rules = [
      rule,
      ruleWith({ securityGroupRuleId: 'sgr-1', source: { kind: 'cidr', cidr: '0.0.0.0/0' } }),
      { ...rule, securityGroupRuleId: 'sgr-2', securityGroupId: OTHER_GROUP },
      ruleWith({ securityGroupRuleId: 'sgr-3', source: { kind: 'prefixList', prefixListId: 'pl-0b' } }),
    ];
    const { enforce, revoked } = start(OUTSIDE, { caches: [sessions, carts], rules });

    const { outcome } = await enforce(changed);

    expect(outcome.grants).toHaveLength(2);
    expect(revoked).toEqual([RULE, 'sgr-2']);
  });

  test('lets a denied rule stand that names another prefix list, and is not stopped by rules that cannot be read', async () => {
    const OTHER_LIST = 'pl-0b';
    const other = ruleWith({ securityGroupRuleId: 'sgr-1', source: { kind: 'prefixList', prefixListId: OTHER_LIST } });
    const unreadable = { securityGroupId: GROUP, securityGroupRuleId: 'sgr-2', problem: 'the source is missing' };
    const { enforce, revoked, state } = start(OUTSIDE, {
      rules: [{ unreadable }, { egressRuleId: 'sgr-3' }, other, rule],
    });
    state.prefixLists = { [LIST]: OUTSIDE, [OTHER_LIST]: OUTSIDE };

    const { outcome, error } = await enforce(changed);

    expect(error).toBeUndefined();
    expect(outcome.outcome).toBe('revoked');
    expect(revoked).toEqual([RULE]);
  });

  test('finds rules standing: one that also makes an allowed grant is held, however young the event is', async () => {
    const caches = [sessions, { ...sessions, cacheName: 'carts' }];
    const { enforce, revoked } = start(INSIDE, { caches });

    const { outcome } = await enforce(changed);

    expect(outcome).toMatchObject({ outcome: 'held', heldBecause: 'mixed' });
    expect(revoked).toEqual([]);
  });

  test('is under the limit on revocations', async () => {
    const rules = Array.from({ length: 11 }, (_, i) => ({ ...rule, securityGroupRuleId: `sgr-${i}` }));
    const { enforce, revoked } = start(OUTSIDE, { rules });

    expect((await enforce(changed)).outcome).toMatchObject({ outcome: 'held', heldBecause: 'limit' });
    expect(revoked).toEqual([]);
  });

  test.each([
    ['no rule names it', { rules: [ruleWith()] }],
    ['no security group guards a cache', { caches: [] }],
  ])('is ignored if %s', async (_, others) => {
    const { enforce, made: calls } = start(OUTSIDE, others);

    expect((await enforce(changed)).outcome).toMatchObject({
      outcome: 'ignored',
      reason: 'no security group that guards a cache has a rule that names the prefix list',
    });
    expect(calls).not.toContain('readPrefixList');
  });

  test('asks EC2 for no rule where no security group guards a cache', async () => {
    const { enforce, made: calls } = start(OUTSIDE, { caches: [] });

    await enforce(changed);

    expect(calls).toEqual(['listCaches']);
  });
});

describe('an audit', () => {
  test.each<[string, PrefixListContent, string, readonly string[]]>([
    ['allows a rule whose prefix list lies inside', INSIDE, 'allowed', []],
    ['revokes a rule whose prefix list does not', OUTSIDE, 'revoked', [RULE]],
  ])('%s', async (_, content, outcome, gone) => {
    const { audit: run, revoked } = start(content);

    const { findings } = await run();

    expect(findings.map((one) => one.outcome)).toEqual([outcome]);
    expect(revoked).toEqual(gone);
  });

  test.each<[string, PrefixListContent | Error, RegExp]>([
    ['cannot be read', DENIED, /cannot be read: not authorized/],
    ['is being changed', CHANGING, /is being changed/],
  ])('leaves a rule whose prefix list %s, and names it as not judged', async (_, content, why) => {
    const { audit: run, revoked } = start(content);

    const { findings, notJudged } = await run();

    expect(findings).toEqual([]);
    expect(notJudged).toMatchObject([
      { what: `rule ${RULE} of security group ${GROUP}`, why: expect.stringMatching(why) },
    ]);
    expect(revoked).toEqual([]);
  });
});
