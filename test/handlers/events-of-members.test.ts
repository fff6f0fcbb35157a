import { describe, expect, test } from 'vitest';
import type { BusEvent } from '../../src/local/bus-event.ts';
import { ACCOUNT } from '../support/examples/grants.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { startOrganizationFunctions } from '../support/functions/organization-functions.ts';
import { authorize, tcp } from '../support/local-aws/local-ec2.ts';
import { MANAGEMENT, MEMBER, OTHER_MEMBER } from '../support/local-aws/organization.ts';

/** An organization with a cache in these accounts, and the events of rules that somebody makes there. */
async function startMembers(...accounts: readonly string[]) {
  const started = await startOrganizationFunctions();
  const events: BusEvent[] = [];
  started.aws.events.on('event', (event) => events.push(event));
  const caches = new Map(
    await Promise.all(accounts.map(async (one) => [one, await started.openCache(one, '10.0.3.0/24')] as const)),
  );
  /** Lets everybody in, and gives the event of that. */
  const open = async (account: string, cidr = '0.0.0.0/0'): Promise<BusEvent> => {
    const cache = caches.get(account);
    if (cache === undefined) throw new Error(`there is no cache in ${account}`);
    await authorize(cache.ec2, cache.groupId, tcp(6379, { IpRanges: [{ CidrIp: cidr }] }));
    await started.aws.idle();
    const made = events.findLast((event) => {
      const { eventName } = event.detail as { eventName?: string };
      return eventName === 'AuthorizeSecurityGroupIngress' && event.account === account;
    });
    if (made === undefined) throw new Error('there was no event');
    return made;
  };
  const sources = async (account: string) =>
    ((await caches.get(account)?.rules()) ?? []).map(({ CidrIpv4 }) => CidrIpv4);
  return { ...started, open, sources };
}

describe('an event of a member', () => {
  test('has a bad rule revoked by sessions in its account: one to look, one to revoke', async () => {
    const started = await startMembers(MEMBER);
    const event = await started.open(MEMBER);
    const invoke = await started.start('enforceSecurityGroup');

    const { result } = await invoke(event);

    expect(result).toMatchObject({ outcome: 'revoked', grant: { account: MEMBER } });
    expect(await started.sources(MEMBER)).toEqual(['10.0.3.0/24']);
    const calls = started.functionsCalls();
    expect(calls.filter((call) => call.includes('AssumeRole'))).toHaveLength(2);
    expect(calls.filter((call) => !call.includes('AssumeRole') && !call.endsWith(MEMBER))).toEqual([]);
    const { eventID } = event.detail as { eventID: string };
    const names = started.calls.flatMap(({ parameters }) => parameters.get('RoleSessionName') ?? []);
    expect(new Set(names)).toEqual(new Set([`ingress-guard-${eventID}`]));
  });

  test('takes no other session once there is one, but for the next revocation; accounts share none', async () => {
    const started = await startMembers(MEMBER, OTHER_MEMBER, ACCOUNT);
    const invoke = await started.start('enforceSecurityGroup');
    const events = [
      await started.open(MEMBER),
      await started.open(OTHER_MEMBER, '10.0.4.0/24'),
      await started.open(MEMBER, '192.0.2.0/24'),
      await started.open(OTHER_MEMBER, '192.0.2.0/24'),
      await started.open(ACCOUNT),
    ];

    const outcomes = [];
    for (const event of events) outcomes.push(((await invoke(event)).result as { outcome: string }).outcome);

    expect(outcomes).toEqual(['revoked', 'allowed', 'revoked', 'revoked', 'revoked']);
    const roles = started.calls.flatMap(({ action, parameters }) =>
      action === 'AssumeRole' ? parameters.get('RoleArn') : [],
    );
    const role = (account: string, name: string) => `arn:aws:iam::${account}:role/ingress-guard-${name}`;
    expect(roles).toEqual([
      role(MEMBER, 'read'),
      role(MEMBER, 'revoke'),
      role(OTHER_MEMBER, 'read'),
      role(MEMBER, 'revoke'),
      role(OTHER_MEMBER, 'revoke'),
    ]);
  });

  test('is ignored if its account is excluded', async () => {
    const started = await startMembers(MEMBER);
    const event = await started.open(MEMBER);

    const { result } = await started.invoke('enforceSecurityGroup', event, { INGRESS_GUARD_EXCLUDED_ACCOUNTS: MEMBER });

    expect(result).toMatchObject({ outcome: 'ignored' });
    expect(started.functionsCalls()).toEqual([]);
  });

  test('fails, so that Lambda tries again, if its account has no member role', async () => {
    const started = await startMembers(MANAGEMENT);
    const event = await started.open(MANAGEMENT);

    const { error } = await started.invoke('enforceSecurityGroup', event);

    expect(error?.name).toBe('EnforcementFailedError');
    expect(error?.message).toContain(`role ingress-guard-read of account ${MANAGEMENT} could not be assumed`);
    expect(await started.sources(MANAGEMENT)).toContain('0.0.0.0/0');
  });

  test.each([ACCOUNT, OTHER_MEMBER, undefined])(
    'is rejected if EventBridge says that it is of account %s, and no role is assumed',
    async (account) => {
      const started = await startMembers(MEMBER);
      const { account: _, ...event } = await started.open(MEMBER);

      const { error } = await started.invoke('enforceSecurityGroup', { ...event, ...(account && { account }) });

      expect(error?.name).toBe('RejectedEventError');
      expect(started.functionsCalls()).toEqual([]);
    },
  );

  test('asks where its account is in the organization if a rule of the allowlist names units', async () => {
    const started = await startMembers(MEMBER, OTHER_MEMBER);
    const allowlist = `${VPC_ALLOWLIST}    organizationalUnits: [ou-root-production]\n`;
    const environment = { INGRESS_GUARD_ALLOWLIST: await allowlistFile(allowlist) };
    const events = [await started.open(MEMBER, '10.0.4.0/24'), await started.open(OTHER_MEMBER, '10.0.4.0/24')];
    const invoke = await started.start('enforceSecurityGroup', environment);

    const outcomes = [];
    for (const event of events) outcomes.push(((await invoke(event)).result as { outcome: string }).outcome);

    expect(outcomes).toEqual(['allowed', 'revoked']);
  });
});
