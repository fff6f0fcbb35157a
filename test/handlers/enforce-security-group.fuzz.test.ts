import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SECURITY_GROUP_SAMPLE_NAMES, sampleEvent, withChanges } from '../events/sample-events.ts';
import { FORGED, hostileJson, mutatedJson, SECRET, TAIL, withSecret } from '../support/examples/hostile.ts';
import { startEnforceSecurityGroup, startGuardedCache } from '../support/functions/enforce-security-group-function.ts';
import { authorize, createGroup, ingressOf, tcp } from '../support/local-aws/local-ec2.ts';
import { harmless, times } from '../support/tools/fuzz.ts';

const OFFICE = { IpRanges: [{ CidrIp: '10.0.0.0/24' }] };
const ANYBODY = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

/** What stands in an event for an id that is known when it is delivered. */
const [GROUP, DENIED, ALLOWED] = ['THE-GROUP', 'THE-DENIED-RULE', 'THE-ALLOWED-RULE'] as const;
const GONE = 'sgr-0123456789abcdef0';

/** The sample events, about a rule that is there, or is not. */
const samplesAbout = (rule: string) =>
  SECURITY_GROUP_SAMPLE_NAMES.map((name): unknown => {
    const text = JSON.stringify(sampleEvent(name)).replace(/sg-0a1b2c3d4e5f6000[0-9]/g, GROUP);
    return JSON.parse(text.replace(/sgr-0b1c2d3e4f5a6000[0-9]/g, rule));
  });
const SAMPLES = [
  ...[DENIED, ALLOWED, GONE].flatMap(samplesAbout),
  ...samplesAbout(GONE).map((one) => withChanges(one, { time: undefined, 'detail.eventTime': undefined })),
];
const event = fc.oneof({ weight: 8, arbitrary: mutatedJson(SAMPLES).chain(withSecret) }, hostileJson);

/** An account in which `sessions` is behind a group with rules of both kinds, and another group guards nothing. */
async function startAccount() {
  const account = await startGuardedCache();
  const { ec2, groupId } = account;
  const unguarding = await createGroup(ec2, 'unguarding');
  await authorize(ec2, unguarding, tcp(6379, ANYBODY));
  const [allowed] = await authorize(ec2, groupId, tcp(6379, OFFICE), tcp(22, ANYBODY));
  let denied = '';
  return {
    ...account,
    /** Whatever else there is that nobody may revoke. */
    standing: async () =>
      [...(await ingressOf(ec2, groupId)), ...(await ingressOf(ec2, unguarding))]
        .map(({ SecurityGroupRuleId = '' }) => SecurityGroupRuleId)
        .filter((id) => id !== denied),
    /** The event as it would be here, where the disallowed rule stands. */
    async deliverable(one: unknown): Promise<unknown> {
      const text = JSON.stringify(one) ?? 'null';
      const rules = await ingressOf(ec2, groupId);
      if (!rules.some(({ SecurityGroupRuleId }) => SecurityGroupRuleId === denied)) {
        const [made] = await authorize(ec2, groupId, tcp(6379, ANYBODY));
        denied = made?.SecurityGroupRuleId ?? '';
      }
      const ids = { [GROUP]: groupId, [DENIED]: denied, [ALLOWED]: allowed?.SecurityGroupRuleId ?? '' };
      return JSON.parse(Object.entries(ids).reduce((told, [name, id]) => told.replaceAll(name, id), text));
    },
  };
}

test('whatever event comes, the function has one outcome, revokes nothing that is allowed, and prints nothing of the event that nobody needs', async () => {
  const account = await startAccount();
  const invoke = await startEnforceSecurityGroup(account.environment);
  const standing = await account.standing();
  const seen = new Set<unknown>();

  await fc.assert(
    fc.asyncProperty(event, async (one) => {
      const delivered = await account.deliverable(one);
      await harmless(async () => {
        const { result, error, lines, decisions } = await invoke(delivered);

        const outcome = error === undefined ? result?.outcome : decisions.at(-1)?.outcome;
        seen.add(outcome);
        if (error !== undefined)
          expect(error.name).toBe(outcome === 'rejected' ? 'RejectedEventError' : 'EnforcementFailedError');
        // Of what is ignored nobody hears; of all else one line for each grant.
        if (outcome === 'ignored') expect(lines).toEqual([]);
        else expect(decisions.length).toBeGreaterThan(0);
        for (const { grant, outcome: became, decision } of decisions) {
          if (grant === undefined) continue;
          expect(['allowed', 'revoked']).toContain(became);
          expect((decision as { effect: string }).effect).toBe(became === 'allowed' ? 'allow' : 'deny');
        }
        const printed = [...lines, String(error)].join('\n');
        expect(printed).toMatch(/^[ -~\n]*$/);
        for (const never of [TAIL, SECRET, `\n${FORGED}`, '\\u00', '\\u20']) expect(printed).not.toContain(never);
        expect(printed.length).toBeLessThan(32_000);
      });
      expect(await account.standing()).toEqual(expect.arrayContaining(standing));
    }),
    times(300),
  );

  // What we called changed nothing but that one rule, by its id.
  const changing = account.calls.filter(({ userAgent, readOnly }) => userAgent.includes('app/guard') && !readOnly);
  expect(new Set(changing.map(({ action }) => action))).toEqual(new Set(['RevokeSecurityGroupIngress']));
  for (const { parameters } of changing) {
    expect([...parameters.keys()].sort()).toEqual(['GroupId', 'SecurityGroupRuleId.1']);
  }
  expect([...seen].sort()).toEqual(['allowed', 'already-gone', 'failed', 'ignored', 'rejected', 'revoked']);
});
