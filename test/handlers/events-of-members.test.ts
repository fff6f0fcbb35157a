import { writeFileSync } from 'node:fs';
import {
  AuthorizeCacheSecurityGroupIngressCommand,
  CreateCacheSecurityGroupCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { BusEvent } from '../../src/local/bus-event.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { ALLOWLIST, allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { startOrganizationFunctions } from '../support/functions/organization-functions.ts';
import { authorize, tcp } from '../support/local-aws/local-ec2.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { kept, MANAGEMENT, MEMBER, OTHER_MEMBER } from '../support/local-aws/organization.ts';

type Started = Awaited<ReturnType<typeof startOrganizationFunctions>>;

/** Does something while STS gives the session that may revoke: before its answer is sent. */
function whileStsGivesTheSession({ aws }: Started, change: () => void): void {
  aws.events.on('call', ({ action, parameters }) => {
    if (action === 'AssumeRole' && parameters.get('RoleArn')?.endsWith('-revoke')) change();
  });
}

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

  test('leaves a rule alone that is edited while STS gives the session that may revoke it', async () => {
    const started = await startMembers(MEMBER);
    const event = await started.open(MEMBER);
    const rules = started.aws.accounts.find(MEMBER)?.region(REGION)?.securityGroupRules;
    const rule = rules?.list().findLast(({ isEgress }) => !isEgress);
    whileStsGivesTheSession(started, () => {
      if (!rule) throw new Error('there is no rule');
      const allowed = { ...rule, source: { cidrIpv4: '10.0.4.0/24' } };
      rules?.modify(rule.groupId, new Map([[rule.securityGroupRuleId, allowed]]));
    });

    const { error, decisions } = await started.invoke('enforceSecurityGroup', event);

    expect((await started.sources(MEMBER)).sort()).toEqual(['10.0.3.0/24', '10.0.4.0/24']);
    expect(error?.message).toContain('was edited after it was evaluated');
    expect(decisions).toMatchObject([{ outcome: 'failed', grant: { account: MEMBER } }]);
  });

  test('leaves a grant alone that the allowlist allows by the time that STS gives the session to revoke it', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date() });
    onTestFinished(() => void vi.useRealTimers());
    const started = await startOrganizationFunctions();
    const events: BusEvent[] = [];
    started.aws.events.on('event', (event) => events.push(event));
    const as = started.aws.accounts.find(MEMBER)?.credentials ?? credentials;
    const elastiCache = kept(new ElastiCacheClient({ region: REGION, endpoint: started.aws.url, credentials: as }));
    const group = { CacheSecurityGroupName: 'sessions' };
    const grant = { ...group, EC2SecurityGroupName: 'web', EC2SecurityGroupOwnerId: STRANGER };
    await elastiCache.send(new CreateCacheSecurityGroupCommand({ ...group, Description: 'Sessions' }));
    await elastiCache.send(new AuthorizeCacheSecurityGroupIngressCommand(grant));
    await started.aws.idle();
    const file = await allowlistFile();
    whileStsGivesTheSession(started, () => {
      writeFileSync(file, ALLOWLIST.replace('[self]', `['${STRANGER}']`));
      // A file counts for a second.
      vi.setSystemTime(Date.now() + 1_000);
    });

    const event = events.find(({ detail }) => (detail as { eventName?: string }).eventName?.startsWith('Authorize'));
    const invoke = await started.start('enforceIngress', { INGRESS_GUARD_ALLOWLIST: file });
    const { error, decisions } = await invoke(event);

    const listed = started.aws.accounts.find(MEMBER)?.region(REGION)?.cacheSecurityGroups.list('', 100) ?? [];
    const grants = listed.flatMap(({ EC2SecurityGroups }) => EC2SecurityGroups);
    expect(grants).toMatchObject([{ EC2SecurityGroupOwnerId: STRANGER, Status: 'authorized' }]);
    expect(error?.message).toContain('the allowlist changed after the grant was evaluated');
    expect(decisions).toMatchObject([{ outcome: 'failed', grant: { account: MEMBER } }]);
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

  test('has a new session on its next try, if the one that was kept is of no use any more', async () => {
    const started = await startMembers(MEMBER);
    const { sessions } = started.aws.accounts;
    const invoke = await started.start('enforceSecurityGroup');
    await invoke(await started.open(MEMBER, '10.0.4.0/24'));
    const event = await started.open(MEMBER);
    for (const { principal } of started.calls.filter((call) => call.principal.session?.role.name.endsWith('-read'))) {
      const kept = sessions.find(principal.accessKeyId ?? '');
      Object.assign(kept?.credentials ?? {}, { expiresAt: 0 });
    }

    const [first, second] = [await invoke(event), await invoke(event)];

    expect(first.error?.message).toMatch(/expired/i);
    expect(second.result).toMatchObject({ outcome: 'revoked' });
    expect((await started.sources(MEMBER)).sort()).toEqual(['10.0.3.0/24', '10.0.4.0/24']);
  });

  test('shares nothing with another account, in any order, cold and warm', async () => {
    const ACCOUNTS = [MEMBER, OTHER_MEMBER, ACCOUNT];
    const started = await startMembers(...ACCOUNTS);
    const misplaced: unknown[] = [];
    started.aws.events.on('misplaced', (one) => misplaced.push(one));
    const step = fc.record({ account: fc.constantFrom(...ACCOUNTS), isBad: fc.boolean(), isCold: fc.boolean() });
    let made = 9;

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
        let invoke = await started.start('enforceSecurityGroup');
        const withSession = new Set([ACCOUNT]);
        for (const { account, isBad, isCold } of steps) {
          const event = await started.open(account, `${isBad ? '192.0' : '10.0'}.${++made}.0/24`);
          if (isCold) {
            invoke = await started.start('enforceSecurityGroup');
            withSession.clear();
            withSession.add(ACCOUNT);
          }
          const before = started.functionsCalls().length;

          const { result } = await invoke(event);

          const calls = started.functionsCalls().slice(before);
          const [assumed, others] = [
            calls.filter((call) => call.includes('AssumeRole')),
            calls.filter((call) => !call.includes('AssumeRole')),
          ];
          expect(result).toMatchObject({ outcome: isBad ? 'revoked' : 'allowed' });
          expect(others.filter((call) => !call.endsWith(` ${account}`))).toEqual([]);
          // To look: one if it has none. To revoke: a fresh one each time.
          const expected = (withSession.has(account) ? 0 : 1) + (isBad && account !== ACCOUNT ? 1 : 0);
          expect(assumed).toHaveLength(expected);
          withSession.add(account);
        }
      }),
      { numRuns: 8 },
    );

    expect(misplaced).toEqual([]);
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

  test('is rejected if it is of a member and its record is of the hub', async () => {
    const started = await startMembers(ACCOUNT);
    const event = await started.open(ACCOUNT);

    const { error } = await started.invoke('enforceSecurityGroup', { ...event, account: MEMBER });

    expect(error?.name).toBe('RejectedEventError');
    expect(await started.sources(ACCOUNT)).toContain('0.0.0.0/0');
  });

  test('asks where its account is in the organization if a rule of the allowlist names units', async () => {
    const started = await startMembers(MEMBER, OTHER_MEMBER);
    const allowlist = `${VPC_ALLOWLIST}    organizationalUnits: [ou-root-production]\n`;
    const environment = { INGRESS_GUARD_ALLOWLIST: await allowlistFile(allowlist) };
    const events = [await started.open(MEMBER, '10.0.4.0/24'), await started.open(OTHER_MEMBER, '10.0.4.0/24')];
    const invoke = await started.start('enforceSecurityGroup', environment);

    const outcomes = [];
    for (const event of events) outcomes.push(((await invoke(event)).result as { outcome: string }).outcome);

    expect(outcomes).toEqual(['allowed', 'revoked']);
    expect(started.functionsCalls().filter((call) => call.includes('DescribeAccount'))).toHaveLength(2);
  });

  test('does not ask where its account is if no rule of the allowlist names units', async () => {
    const started = await startMembers(MEMBER);
    const event = await started.open(MEMBER, '10.0.4.0/24');

    const { result } = await started.invoke('enforceSecurityGroup', event);

    expect(result).toMatchObject({ outcome: 'allowed' });
    expect(started.functionsCalls().filter((call) => /Account|Parents/.test(call))).toEqual([]);
  });
});

describe('a heartbeat', () => {
  const RECORDS = {
    enforceIngress: {
      eventSource: 'elasticache.amazonaws.com',
      eventName: 'AuthorizeCacheSecurityGroupIngress',
      requestParameters: {
        cacheSecurityGroupName: 'ingress-guard-heartbeat',
        eC2SecurityGroupName: 'ingress-guard-heartbeat',
        eC2SecurityGroupOwnerId: '000000000000',
      },
    },
    enforceSecurityGroup: {
      eventSource: 'ec2.amazonaws.com',
      eventName: 'AuthorizeSecurityGroupIngress',
      requestParameters: { groupId: 'sg-00000000000000000' },
    },
  } as const;
  const FUNCTIONS = ['enforceIngress', 'enforceSecurityGroup'] as const;

  /** As Scheduler puts it on the bus of `account`; its record can name another. */
  const beat = (name: (typeof FUNCTIONS)[number], account: string, recipientAccountId = account) => ({
    version: '0',
    id: '11111111-2222-3333-4444-555555555555',
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'ingress-guard.heartbeat',
    account,
    time: '2026-11-29T01:00:00Z',
    region: REGION,
    resources: [],
    detail: { ...RECORDS[name], awsRegion: REGION, recipientAccountId },
  });
  const counted = (metrics: readonly object[]) => metrics.filter((one) => /Heartbeat/.test(Object.keys(one).join()));

  test.each(FUNCTIONS)('of the hub is counted by %s', async (name) => {
    const started = await startOrganizationFunctions();

    const { result, metrics } = await started.invoke(name, beat(name, ACCOUNT));

    expect(result).toMatchObject({ outcome: 'ignored', reason: 'heartbeat' });
    expect(counted(metrics)).toHaveLength(1);
  });

  test.each(FUNCTIONS)('of a member is not counted by %s, and costs no call', async (name) => {
    const started = await startOrganizationFunctions();

    const { result, metrics } = await started.invoke(name, beat(name, MEMBER));

    expect(result).toMatchObject({
      outcome: 'ignored',
      reason: expect.stringContaining('only those of the hub count'),
    });
    expect(counted(metrics)).toEqual([]);
    expect(started.functionsCalls()).toEqual([]);
  });

  test.each([
    ['the hub', ACCOUNT, 'heartbeat through CloudTrail', 1],
    ['a member', MEMBER, 'only those of the hub count', 0],
  ])('through CloudTrail counts if it is of the hub: %s', async (_, account, reason, times) => {
    const started = await startOrganizationFunctions();
    const { detail, ...event } = beat('enforceSecurityGroup', account);
    const failed = { ...event, source: 'aws.ec2', detail: { ...detail, errorCode: 'Client.InvalidGroup.NotFound' } };

    const { result, metrics } = await started.invoke('enforceSecurityGroup', failed);

    expect(result).toMatchObject({ outcome: 'ignored', reason: expect.stringContaining(reason) });
    expect(counted(metrics)).toHaveLength(times);
    expect(started.functionsCalls()).toEqual([]);
  });

  test.each(FUNCTIONS)('that a member sends in the name of the hub is rejected by %s', async (name) => {
    const started = await startOrganizationFunctions();

    const { error, metrics } = await started.invoke(name, beat(name, MEMBER, ACCOUNT));

    expect(error?.name).toBe('RejectedEventError');
    expect(counted(metrics)).toEqual([]);
    expect(started.functionsCalls()).toEqual([]);
  });
});
