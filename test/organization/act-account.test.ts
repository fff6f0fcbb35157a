import { describe, expect, test } from 'vitest';
import type { ActOutcome, ActResult } from '../../src/organization/account-result.ts';
import { actInAccount, type HowToActInAccount, joinTries } from '../../src/organization/act-account.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import { revocationIdOfGrant } from '../../src/policy/revocation-id.ts';
import type { PlaceNames } from '../../src/policy/vpc/gone-names.ts';
import { denied, howTo, manyDenied } from '../support/examples/audited.ts';
import { ACCOUNT, REGION, STRANGER, strangersGrant } from '../support/examples/grants.ts';
import { findingOf, idOf, OTHER_REGION, RUN } from '../support/examples/organization.ts';
import { fakeCalls, ruleFrom, ruleWith } from '../support/examples/security-groups.ts';

const anybody = (id: string) => ruleFrom({ kind: 'cidr', cidr: '0.0.0.0/0' }, { securityGroupRuleId: id });
const act = (
  audit: ReturnType<typeof howTo>,
  due: readonly string[],
  namesOfRun: readonly PlaceNames[] = [],
  tries: Pick<HowToActInAccount, 'before' | 'keep'> = {},
) => actInAccount({ ...audit, ...tries, run: RUN, account: ACCOUNT, due, namesOfRun, apiCalls: () => ({}) });
const tryOf = (outcomes: ActResult['outcomes']): ActResult => {
  return { schemaVersion: '1.0', run: RUN, account: ACCOUNT, outcomes, apiCalls: {} };
};

describe('the step that revokes', () => {
  test('leaves alone what an earlier try of it revoked, though it still sees it', async () => {
    const fake = fakeCalls({ rules: [anybody('sgr-01'), anybody('sgr-02')] });
    const [first, second] = [idOf(ACCOUNT, 'sgr-01'), idOf(ACCOUNT, 'sgr-02')];
    const before = tryOf({ [first]: { findings: [findingOf(ACCOUNT, 'sgr-01', { outcome: 'revoked' })] } });

    const { outcomes } = await act(howTo([], fake.calls), [first, second], [], { before });

    expect([fake.revoked, Object.keys(outcomes)]).toEqual([['sgr-02'], [second]]);
  });

  test('gives each revocation as soon as it is made, and nothing else', async () => {
    const fake = fakeCalls({ rules: [anybody('sgr-01'), anybody('sgr-02')] });
    const kept: ActResult[] = [];
    const keep = async (made: ActResult) => void kept.push(made);

    const { outcomes } = await act(howTo([], fake.calls), [idOf(ACCOUNT, 'sgr-01')], [], { keep });

    expect(kept).toHaveLength(1);
    expect(kept[0]).toMatchObject({ run: RUN, account: ACCOUNT, outcomes });
  });

  test('revokes what is due, and nothing else that is denied', async () => {
    const fake = fakeCalls({ rules: [anybody('sgr-01'), anybody('sgr-02')] });
    const audit = howTo([denied()], fake.calls);

    const { outcomes } = await act(audit, [idOf(ACCOUNT, 'sgr-01')]);

    expect([audit.revoked, fake.revoked]).toEqual([[], ['sgr-01']]);
    expect(outcomes).toMatchObject({
      [idOf(ACCOUNT, 'sgr-01')]: { findings: [{ outcome: 'revoked', revocationRequestId: 'request-1' }] },
    });
    expect(Object.keys(outcomes)).toHaveLength(1);
  });

  test('revokes grants of cache security groups by their ids', async () => {
    const audit = howTo([denied()]);
    const id = revocationIdOfGrant(strangersGrant);

    const { outcomes } = await act(audit, [id]);

    expect(audit.revoked).toEqual([strangersGrant]);
    expect(outcomes[id]).toMatchObject({ findings: [{ outcome: 'revoked' }] });
  });

  test('looks only at the regions in which something is due', async () => {
    const asked: string[] = [];
    const audit = howTo([]);
    const connect: typeof audit.connect = (place) => {
      asked.push(place.region);
      return audit.connect(place);
    };

    await act({ ...audit, connect }, [JSON.stringify([ACCOUNT, OTHER_REGION, 'sgr-01'])]);

    expect(new Set(asked)).toEqual(new Set([OTHER_REGION]));
  });

  test('evaluates again by what is there now: a rule that was repaired stands, and is allowed', async () => {
    const fake = fakeCalls({ rules: [ruleWith({ securityGroupRuleId: 'sgr-01' })] });
    const allowlist = new CompiledAllowlist({
      version: 1,
      rules: [{ id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/8'] }],
    });

    const { outcomes } = await act(howTo([], { ...fake.calls, allowlist }), [idOf(ACCOUNT, 'sgr-01')]);

    expect(fake.revoked).toEqual([]);
    expect(outcomes[idOf(ACCOUNT, 'sgr-01')]).toMatchObject({ findings: [{ outcome: 'allowed' }] });
  });

  test('says that what is not there any more is gone', async () => {
    const { outcomes } = await act(howTo([], fakeCalls({}).calls), [idOf(ACCOUNT, 'sgr-01')]);

    expect(outcomes).toEqual({ [idOf(ACCOUNT, 'sgr-01')]: { isGone: true } });
  });

  test('says of nothing that it is gone where not everything could be evaluated', async () => {
    const calls = { ...fakeCalls({}).calls, listCaches: () => Promise.reject(new Error('no answer')) };

    const { outcomes } = await act(howTo([], calls), [idOf(ACCOUNT, 'sgr-01')]);

    expect(outcomes[idOf(ACCOUNT, 'sgr-01')]).toMatchObject({ problem: expect.stringContaining('no answer') });
  });

  test('makes none if by now more is due than an account may have', async () => {
    const audit = howTo(manyDenied(11));
    const id = revocationIdOfGrant({
      ...strangersGrant,
      source: { ...strangersGrant.source, ec2SecurityGroupName: 'web-0' },
    });

    const { outcomes } = await act(audit, [id]);

    expect(audit.revoked).toEqual([]);
    expect(outcomes[id]).toMatchObject({ findings: [{ outcome: 'held', heldBecause: 'limit' }] });
  });

  test.each([
    ['another account', JSON.stringify([STRANGER, REGION, 'sgr-01'])],
    ['what is no id', 'sgr-01'],
    ['an id without a place', '[]'],
  ])('does nothing about %s', async (_, id) => {
    const fake = fakeCalls({ rules: [anybody('sgr-01')] });

    const { outcomes } = await act(howTo([denied()], fake.calls), [id]);

    expect([fake.revoked, outcomes]).toEqual([[], {}]);
  });

  describe('of a rule that a name would hold', () => {
    const allowlist = new CompiledAllowlist({
      version: 1,
      rules: [{ id: 'office', caches: ['carts'], cidrs: ['10.0.0.0/8'] }],
    });
    const actOn = async (...namesOfRun: readonly PlaceNames[]) => {
      const rule = ruleFrom({ kind: 'cidr', cidr: '10.0.0.0/16' }, { securityGroupRuleId: 'sgr-01' });
      const fake = fakeCalls({ rules: [rule] });
      await act(howTo([], { ...fake.calls, allowlist }), [idOf(ACCOUNT, 'sgr-01')], namesOfRun);
      return fake.revoked;
    };
    const carts = { names: new Set(['carts']), areAll: true };

    test.each([
      ['another account', { account: STRANGER, region: REGION }],
      ['another region of the account, which is not looked at again', { account: ACCOUNT, region: OTHER_REGION }],
    ])('revokes it if a cache of %s has the name', async (_, place) => {
      expect(await actOn({ ...place, ...carts })).toEqual(['sgr-01']);
    });

    test('lets it stand if only what was there before had the name', async () => {
      expect(await actOn({ account: ACCOUNT, region: REGION, ...carts })).toEqual([]);
    });
  });
});

describe('two tries of the step', () => {
  const id = idOf(ACCOUNT, 'sgr-01');
  const revoked: ActOutcome = { findings: [findingOf(ACCOUNT, 'sgr-01', { outcome: 'revoked' })] };
  const held: ActOutcome = { findings: [findingOf(ACCOUNT, 'sgr-01', { outcome: 'held' })] };
  const [gone, problem]: ActOutcome[] = [{ isGone: true }, { problem: 'no answer' }];

  test.each<[string, ActOutcome | undefined, ActOutcome | undefined, ActOutcome]>([
    ['revoked, then gone', revoked, gone, revoked],
    ['gone, then revoked by the one that was slower', gone, revoked, revoked],
    ['revoked, then not looked at', revoked, undefined, revoked],
    ['failed, then gone', problem, gone, gone as ActOutcome],
    ['failed, then held', problem, held, held],
  ])('come to one outcome: %s', (_, was, is, expected) => {
    const [before, now] = [was, is].map((outcome) => tryOf(outcome === undefined ? {} : { [id]: outcome }));

    expect(joinTries(before, now as ActResult).outcomes).toEqual({ [id]: expected });
  });
});
