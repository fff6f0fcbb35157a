import { describe, expect, test } from 'vitest';
import { audit } from '../../src/enforcement/audit.ts';
import { enforceEvent } from '../../src/enforcement/enforce-event.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import { denied, howTo, NOW } from '../support/examples/audited.ts';
import { ACCOUNT, REGION, STRANGER, strangersGrant } from '../support/examples/grants.ts';
import { fakeCalls, GROUP, RULE, ruleFrom, sessions } from '../support/examples/security-groups.ts';
import { toRevoke } from '../support/examples/to-revoke.ts';
import { UNHURRIED } from '../support/examples/unhurried.ts';

const UNIT = 'ou-ab12-11111111';
const WHY = `the organizational units of account ${ACCOUNT} are not known, and allowlist rule`;
/** Allows a stranger, anybody and public endpoints, in one organizational unit. */
const ALLOWLIST = new CompiledAllowlist({
  version: 1,
  rules: [
    {
      id: 'web',
      cacheSecurityGroups: ['*'],
      ec2SecurityGroups: ['*'],
      ownerIds: [STRANGER],
      organizationalUnits: [UNIT],
    },
    { id: 'any', caches: ['*'], cidrs: ['0.0.0.0/0'], publicEndpoint: true, organizationalUnits: [UNIT] },
  ],
});
const inUnit = (unit: string) => ALLOWLIST.withAccountPaths(new Map([[ACCOUNT, ['o-ab12cd34ef', 'r-ab12', unit]]]));

const enforce = async (allowlist: CompiledAllowlist) => {
  const revoked: unknown[] = [];
  const call = { eventId: undefined, eventTime: undefined, grantedBy: {} };
  const ended = await enforceEvent(
    { kind: 'grant', grant: strangersGrant, call },
    {
      guardedAccount: ACCOUNT,
      readPolicy: async () => ({ allowlist, allowlistSha256: 'a', mode: 'enforce' }),
      toRevokeGrant: toRevoke(async (grant) => {
        revoked.push(grant);
        return { result: 'revoked', requestId: 'request-1' };
      }),
      ...UNHURRIED,
      now: () => NOW,
    },
  );
  return { ...ended, revoked };
};

describe('an event about a grant that a rule allows in an organizational unit', () => {
  test.each([
    ['is allowed in the unit', UNIT, 'allowed'],
    ['is revoked outside of it', 'ou-ab12-22222222', 'revoked'],
  ])('%s', async (_, unit, outcome) => {
    expect((await enforce(inUnit(unit))).outcome.outcome).toBe(outcome);
  });

  test('fails where the units of the account are not known, with why, and nothing is revoked or decided', async () => {
    const { outcome, error, revoked } = await enforce(ALLOWLIST);

    expect(outcome).toMatchObject({ outcome: 'failed', grant: strangersGrant });
    expect(outcome).not.toHaveProperty('decision');
    expect(error).toEqual(new Error(`${WHY} \`web\` asks for them`));
    expect(revoked).toEqual([]);
  });
});

describe('an audit', () => {
  const fake = () =>
    fakeCalls({
      caches: [sessions, { ...sessions, cacheName: 'open', securityGroupIds: [], isPublic: true }],
      rules: [ruleFrom({ kind: 'cidr', cidr: '0.0.0.0/0' })],
    });

  test('reports what depends on units that are not known as not evaluated, and revokes none of it', async () => {
    const { calls, revoked } = fake();
    const how = howTo([denied()], { ...calls, allowlist: ALLOWLIST });

    const { findings, notJudged } = await audit(how);

    const place = { account: ACCOUNT, region: REGION };
    expect(findings).toEqual([]);
    expect(notJudged).toEqual([
      { ...place, what: `the grant sessions <- web of ${STRANGER}`, why: `${WHY} \`web\` asks for them` },
      { ...place, what: 'the public endpoint of cache open', why: `${WHY} \`any\` asks for them` },
      {
        ...place,
        what: `rule ${RULE} of security group ${GROUP}`,
        why: `${WHY} \`any\` asks for them`,
      },
    ]);
    expect([...how.revoked, ...revoked]).toEqual([]);
  });

  test('evaluates all of it where they are known', async () => {
    const { calls } = fake();

    const { findings, notJudged } = await audit(howTo([denied()], { ...calls, allowlist: inUnit(UNIT) }));

    expect(notJudged).toEqual([]);
    expect(findings.map(({ outcome }) => outcome)).toEqual(['allowed', 'allowed', 'allowed']);
  });
});
