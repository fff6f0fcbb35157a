import {
  CreateManagedPrefixListCommand,
  CreateNetworkInterfaceCommand,
  ModifyManagedPrefixListCommand,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { startEnforceSecurityGroup, startGuardedCache } from '../support/functions/enforce-security-group-function.ts';
import { authorize, createGroup, sharePrefixList, tcp } from '../support/local-aws/local-ec2.ts';

const OFFICE = { IpRanges: [{ CidrIp: '10.0.0.0/24' }] };
const ANYBODY = { IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'for a test' }] };
const AUTHORIZE = 'AuthorizeSecurityGroupIngress';

describe('an event about a rule', () => {
  test('that the allowlist allows is allowed, and the rule stands', async () => {
    const account = await startGuardedCache();
    const invoke = await startEnforceSecurityGroup(account.environment);
    await authorize(account.ec2, account.groupId, tcp(6379, OFFICE));

    const { result, decisions } = await invoke(await account.eventOf(AUTHORIZE));

    expect(result).toMatchObject({ outcome: 'allowed', decision: { effect: 'allow', rule: 'office' } });
    expect(decisions).toMatchObject([{ level: 'INFO', outcome: 'allowed' }]);
    expect(await account.rules()).toHaveLength(1);
  });

  test('that opens a cache to everybody is revoked, and nothing else is', async () => {
    const account = await startGuardedCache();
    const invoke = await startEnforceSecurityGroup(account.environment);
    await authorize(account.ec2, account.groupId, tcp(6379, OFFICE));
    const [rule] = await authorize(account.ec2, account.groupId, tcp(6379, ANYBODY));

    const { result, decisions, metrics } = await invoke(await account.eventOf(AUTHORIZE));

    const { groupId: securityGroupId } = account;
    const securityGroupRuleId = rule?.SecurityGroupRuleId;
    const revocation = account.calls.find(({ action }) => action === 'RevokeSecurityGroupIngress');
    expect(result).toMatchObject({
      outcome: 'revoked',
      grant: {
        account: ACCOUNT,
        target: { cacheName: 'sessions', ports: [6379], securityGroupId, securityGroupRuleId },
        source: { kind: 'cidr', cidr: '0.0.0.0/0' },
      },
      decision: { effect: 'deny', reasons: [{ rule: 'office', misses: ['cidr'] }] },
      securityGroupRule: { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379, description: 'for a test' },
      revocationRequestId: revocation?.requestId,
      grantedBy: { arn: expect.stringContaining(ACCOUNT) },
    });
    expect(decisions).toMatchObject([{ outcome: 'revoked', mode: 'enforce', exposureMs: expect.any(Number) }]);
    expect(metrics).toMatchObject([{ outcome: 'revoked', Outcomes: 1, Exposure: expect.any(Number) }]);
    expect(await account.rules()).toMatchObject([{ CidrIpv4: '10.0.0.0/24' }]);
  });

  test('of a call that made several is judged rule by rule', async () => {
    const account = await startGuardedCache();
    sharePrefixList(account.aws.region(REGION), 'pl-0123456789abcdef0');
    const invoke = await startEnforceSecurityGroup(account.environment);
    await authorize(
      account.ec2,
      account.groupId,
      tcp(6379, {
        ...OFFICE,
        Ipv6Ranges: [{ CidrIpv6: '::/0' }],
        PrefixListIds: [{ PrefixListId: 'pl-0123456789abcdef0' }],
      }),
      tcp(22, ANYBODY),
    );

    const { result, decisions } = await invoke(await account.eventOf(AUTHORIZE));

    expect(result?.outcome).toBe('revoked');
    expect(result?.grants?.map(({ outcome, grant }) => [outcome, grant.source])).toEqual([
      ['revoked', { kind: 'prefixList', prefixListId: 'pl-0123456789abcdef0', entries: ['198.51.100.0/24'] }],
      ['revoked', { kind: 'cidr', cidr: '::/0' }],
      ['allowed', { kind: 'cidr', cidr: '10.0.0.0/24' }],
    ]);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['revoked', 'revoked', 'allowed']);
    expect(await account.rules()).toMatchObject([{ CidrIpv4: '10.0.0.0/24' }, { FromPort: 22 }]);
  });

  test('of a call that made several has a line for each grant, with nothing in it of another', async () => {
    const account = await startGuardedCache();
    const invoke = await startEnforceSecurityGroup(account.environment);
    await authorize(account.ec2, account.groupId, tcp(6379, OFFICE), { IpProtocol: '-1', ...ANYBODY });

    const { decisions } = await invoke(await account.eventOf(AUTHORIZE));

    expect(decisions.map(({ outcome }) => outcome)).toEqual(['revoked', 'allowed']);
    const ofOther = ['securityGroupRule', 'revocationRequestId', 'remark', 'problem'];
    expect(ofOther.filter((key) => key in (decisions[1] ?? {}))).toEqual([]);
    expect(ofOther.filter((key) => key in (decisions[0] ?? {}))).toEqual([
      'securityGroupRule',
      'revocationRequestId',
      'remark',
    ]);
  });

  test('that is not listed yet fails without a word of the grant that was judged beside it', async () => {
    const account = await startGuardedCache();
    const invoke = await startEnforceSecurityGroup(account.environment);
    const other = { IpRanges: [{ CidrIp: '10.0.1.0/24' }] };
    const [, rule] = await authorize(account.ec2, account.groupId, tcp(6379, OFFICE), tcp(6379, other));
    const event = await account.eventOf(AUTHORIZE);
    const SecurityGroupRuleIds = [rule?.SecurityGroupRuleId ?? ''];
    await account.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: account.groupId, SecurityGroupRuleIds }));

    const { error, decisions } = await invoke(event);

    expect(error?.message).toMatch(/^the grant \(made by .*\) was not evaluated: EC2 does not list rule sgr-/);
    expect(decisions).toMatchObject([{ outcome: 'allowed' }, { outcome: 'failed' }]);
    expect(decisions[1]).not.toHaveProperty('decision');
  });

  test('that was edited is judged as it is now, and revoked, not put back', async () => {
    const account = await startGuardedCache();
    const invoke = await startEnforceSecurityGroup(account.environment);
    const [rule] = await authorize(account.ec2, account.groupId, tcp(6379, OFFICE));
    const SecurityGroupRule = { IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, CidrIpv4: '10.0.0.0/8' };
    const SecurityGroupRules = [{ SecurityGroupRuleId: rule?.SecurityGroupRuleId, SecurityGroupRule }];
    await account.ec2.send(new ModifySecurityGroupRulesCommand({ GroupId: account.groupId, SecurityGroupRules }));

    const { result } = await invoke(await account.eventOf('ModifySecurityGroupRules'));

    expect(result).toMatchObject({ outcome: 'revoked', grant: { source: { kind: 'cidr', cidr: '10.0.0.0/8' } } });
    expect(await account.rules()).toEqual([]);
  });

  test('that was repaired since is allowed, however bad the event says it was', async () => {
    const account = await startGuardedCache();
    const invoke = await startEnforceSecurityGroup(account.environment);
    const [rule] = await authorize(account.ec2, account.groupId, tcp(6379, ANYBODY));
    const SecurityGroupRule = { IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, CidrIpv4: '10.0.0.0/16' };
    const SecurityGroupRules = [{ SecurityGroupRuleId: rule?.SecurityGroupRuleId, SecurityGroupRule }];
    await account.ec2.send(new ModifySecurityGroupRulesCommand({ GroupId: account.groupId, SecurityGroupRules }));

    const { result } = await invoke(await account.eventOf(AUTHORIZE));

    expect(result?.outcome).toBe('allowed');
    expect(await account.rules()).toHaveLength(1);
  });

  test('that somebody took back within two minutes fails, to be looked at again', async () => {
    const account = await startGuardedCache();
    const invoke = await startEnforceSecurityGroup(account.environment);
    const [rule] = await authorize(account.ec2, account.groupId, tcp(6379, ANYBODY));
    const SecurityGroupRuleIds = [rule?.SecurityGroupRuleId ?? ''];
    const event = await account.eventOf(AUTHORIZE);
    await account.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: account.groupId, SecurityGroupRuleIds }));

    const { error, decisions } = await invoke(event);
    const { result } = await invoke({
      ...event,
      detail: { ...(event.detail as object), eventTime: '2026-01-01T00:00:00Z' },
    });

    expect(error?.name).toBe('EnforcementFailedError');
    expect(decisions).toMatchObject([{ level: 'ERROR', outcome: 'failed' }]);
    expect(result?.outcome).toBe('already-gone');
  });

  test('is what it would revoke, in mode report-only, and no call changes anything', async () => {
    const account = await startGuardedCache();
    const invoke = await startEnforceSecurityGroup({ ...account.environment, INGRESS_GUARD_MODE: undefined });
    await authorize(account.ec2, account.groupId, tcp(6379, ANYBODY));

    const { result } = await invoke(await account.eventOf(AUTHORIZE));

    expect(result).toMatchObject({ outcome: 'would-revoke', mode: 'report-only' });
    // The caches are listed again once a denial was seen.
    expect(account.guardsCalls().toSorted()).toEqual([
      'DescribeCacheClusters',
      'DescribeCacheClusters',
      'DescribeSecurityGroupRules',
      'DescribeServerlessCaches',
      'DescribeServerlessCaches',
    ]);
  });
});

describe('a group that guards no cache', () => {
  test('is ignored without a word, and without a call while the index is warm', async () => {
    const account = await startGuardedCache();
    const invoke = await startEnforceSecurityGroup(account.environment);
    const other = await createGroup(account.ec2, 'web');
    await authorize(account.ec2, other, tcp(6379, ANYBODY));
    const event = await account.eventOf(AUTHORIZE);

    const first = await invoke(event);
    const callsOfTheFirst = account.guardsCalls();
    const second = await invoke(event);

    expect([first.result?.outcome, second.result?.outcome]).toEqual(['ignored', 'ignored']);
    expect([...first.lines, ...second.lines]).toEqual([]);
    expect(callsOfTheFirst.toSorted()).toEqual(['DescribeCacheClusters', 'DescribeServerlessCaches']);
    expect(account.guardsCalls()).toEqual(callsOfTheFirst);
  });

  test('gets a cache, and its rules are judged under the limit', async () => {
    const account = await startGuardedCache();
    const invoke = await startEnforceSecurityGroup({ ...account.environment, INGRESS_GUARD_MAX_REVOCATIONS: '1' });
    const open = await createGroup(account.ec2, 'open');
    await authorize(account.ec2, open, tcp(6379, ANYBODY));
    await account.modify({ SecurityGroupIds: [account.groupId, open] });
    const event = await account.eventOf('ModifyReplicationGroup');

    await authorize(account.ec2, open, tcp(6379, { IpRanges: [{ CidrIp: '192.0.2.0/24' }] }));
    const held = await invoke(event);
    await authorize(account.ec2, account.groupId, tcp(6379, OFFICE));
    const others = await invoke(await account.eventOf(AUTHORIZE));

    expect(held.result).toMatchObject({ outcome: 'held', grants: [{ outcome: 'held' }, { outcome: 'held' }] });
    expect(others.result?.outcome).toBe('allowed');
    expect(account.guardsCalls()).not.toContain('RevokeSecurityGroupIngress');
  });
});

describe('a group that guards something else as well', () => {
  const everything = { IpProtocol: '-1', ...ANYBODY };

  async function startShared() {
    const account = await startGuardedCache();
    const SubnetId = 'subnet-0123456789abcdef0';
    await account.ec2.send(new CreateNetworkInterfaceCommand({ SubnetId, Groups: [account.groupId] }));
    return account;
  }

  test('has a denied rule revoked that opens only the port of a cache', async () => {
    const account = await startShared();
    const invoke = await startEnforceSecurityGroup(account.environment);
    await authorize(account.ec2, account.groupId, tcp(6379, ANYBODY));

    const { result } = await invoke(await account.eventOf(AUTHORIZE));

    expect(result?.outcome).toBe('revoked');
  });

  test.each([
    [undefined, 'held', 1],
    ['hold', 'held', 1],
    ['revoke', 'revoked', 0],
  ])('has one that opens everything, with INGRESS_GUARD_SHARED=%s: %s', async (INGRESS_GUARD_SHARED, outcome, left) => {
    const account = await startShared();
    const invoke = await startEnforceSecurityGroup({ ...account.environment, INGRESS_GUARD_SHARED });
    await authorize(account.ec2, account.groupId, everything);

    const { result } = await invoke(await account.eventOf(AUTHORIZE));

    expect(result).toMatchObject({ outcome, remark: expect.stringContaining('all ports of all protocols') });
    expect(await account.rules()).toHaveLength(left);
  });

  test('has nothing revoked by a setting that nobody can mean', async () => {
    const account = await startShared();
    const invoke = await startEnforceSecurityGroup({ ...account.environment, INGRESS_GUARD_SHARED: 'yes' });
    await authorize(account.ec2, account.groupId, everything);

    const { error } = await invoke(await account.eventOf(AUTHORIZE));

    expect(error?.message).toContain('INGRESS_GUARD_SHARED is `yes`: set it to hold or revoke');
    expect(await account.rules()).toHaveLength(1);
  });
});

test('a group of many rules is logged whole, and handed on as far as Lambda hands things on: denied grants first', async () => {
  const account = await startGuardedCache();
  const invoke = await startEnforceSecurityGroup({ ...account.environment, INGRESS_GUARD_MODE: undefined });
  const ranges = (start: string) => Array.from({ length: 30 }, (_, i) => ({ CidrIp: `${start}.${i}/32` }));
  await authorize(account.ec2, account.groupId, tcp(6379, { IpRanges: [...ranges('10.0.0'), ...ranges('192.0.2')] }));
  await account.modify({ SecurityGroupIds: [account.groupId] });

  const { result, decisions } = await invoke(await account.eventOf('ModifyReplicationGroup'));

  expect(decisions).toHaveLength(60);
  expect(result?.grants).toHaveLength(50);
  expect(result?.grants?.slice(0, 30).every(({ outcome }) => outcome === 'would-revoke')).toBe(true);
  expect(result?.grantsLeftOut).toBe(10);
});

test('nothing is revoked when AWS does not answer for the caches', async () => {
  const account = await startGuardedCache({ deniedActions: ['DescribeCacheClusters'] });
  const invoke = await startEnforceSecurityGroup(account.environment);
  await authorize(account.ec2, account.groupId, tcp(6379, ANYBODY));

  const { error, decisions } = await invoke(await account.eventOf(AUTHORIZE));

  expect(error?.name).toBe('EnforcementFailedError');
  expect(decisions).toMatchObject([{ outcome: 'failed' }]);
  expect(await account.rules()).toHaveLength(1);
});

test('a heartbeat stays away when there is nothing valid to judge by', async () => {
  const account = await startGuardedCache();
  const invoke = await startEnforceSecurityGroup({ ...account.environment, INGRESS_GUARD_SHARED: 'perhaps' });
  await authorize(account.ec2, account.groupId, tcp(6379, ANYBODY));

  const { error, metrics } = await invoke({ ...(await account.eventOf(AUTHORIZE)), source: 'ingress-guard.heartbeat' });

  expect(error?.message).toContain('INGRESS_GUARD_SHARED');
  expect(metrics.filter((entry) => 'SecurityGroupHeartbeat' in entry)).toEqual([]);
});

test('a heartbeat is told in a metric, and costs what any event costs', async () => {
  const account = await startGuardedCache();
  const invoke = await startEnforceSecurityGroup(account.environment);
  await authorize(account.ec2, account.groupId, tcp(6379, ANYBODY));
  const event = await account.eventOf(AUTHORIZE);

  const { result, metrics, decisions } = await invoke({ ...event, source: 'ingress-guard.heartbeat' });

  expect(result).toMatchObject({ outcome: 'ignored', reason: 'heartbeat' });
  expect(metrics).toMatchObject([{ SecurityGroupHeartbeat: 1 }]);
  expect(decisions).toEqual([]);
  expect(await account.rules()).toHaveLength(1);
});

test('a heartbeat through CloudTrail is told in a metric alone, and costs no call', async () => {
  const account = await startGuardedCache();
  const invoke = await startEnforceSecurityGroup(account.environment);
  const GroupId = 'sg-00000000000000000';
  await authorize(account.ec2, GroupId, tcp(6379, ANYBODY)).catch((error: Error) => error);
  const event = await account.eventOf(AUTHORIZE);
  const before = account.calls.length;

  const { result, metrics, decisions } = await invoke(event);

  expect(event).toMatchObject({ source: 'aws.ec2', detail: { errorCode: 'Client.InvalidGroup.NotFound' } });
  expect(result).toMatchObject({ outcome: 'ignored', reason: 'heartbeat through CloudTrail' });
  expect(metrics).toMatchObject([{ CloudTrailHeartbeat: 1 }]);
  expect(decisions).toEqual([]);
  expect(account.calls.length).toBe(before);
});

test.each([null, {}, { detail: 1 }, { source: 'aws.ec2', 'detail-type': 'x', detail: { eventName: AUTHORIZE } }])(
  'what is no such event is rejected: %j',
  async (event) => {
    const account = await startGuardedCache();
    const invoke = await startEnforceSecurityGroup(account.environment);

    const { error } = await invoke(event);

    expect(error?.name).toBe('RejectedEventError');
  },
);

describe('an event of a prefix list', () => {
  const entry = (Cidr: string) => ({ Cidr });

  /** A guarded cache with a rule for a prefix list that the allowlist covers, with these calls refused to everyone. */
  async function startWithList(settings: Parameters<typeof startGuardedCache>[0] = {}) {
    const account = await startGuardedCache(settings);
    const { PrefixList } = await account.ec2.send(
      new CreateManagedPrefixListCommand({
        PrefixListName: 'offices',
        AddressFamily: 'IPv4',
        MaxEntries: 5,
        Entries: [entry('10.0.1.0/24')],
      }),
    );
    const PrefixListId = PrefixList?.PrefixListId as string;
    await account.aws.idle();
    const [rule] = await authorize(account.ec2, account.groupId, tcp(6379, { PrefixListIds: [{ PrefixListId }] }));
    const change = async (cidr: string, CurrentVersion: number) => {
      const AddEntries = [entry(cidr)];
      await account.ec2.send(new ModifyManagedPrefixListCommand({ PrefixListId, CurrentVersion, AddEntries }));
      return await account.eventOf('ModifyManagedPrefixList');
    };
    return { ...account, PrefixListId, securityGroupRuleId: rule?.SecurityGroupRuleId, change };
  }

  test('has the rules that name it looked at again: allowed while it stays inside, and revoked once it does not', async () => {
    const account = await startWithList();
    const invoke = await startEnforceSecurityGroup(account.environment);

    const made = await invoke(await account.eventOf(AUTHORIZE));
    const narrow = await invoke(await account.change('10.0.2.0/24', 1));
    const wide = await invoke(await account.change('203.0.113.0/24', 2));

    expect(made.result).toMatchObject({ outcome: 'allowed', decision: { rule: 'office' } });
    expect(narrow.result).toMatchObject({ outcome: 'allowed', decision: { rule: 'office' } });
    expect(wide.result).toMatchObject({
      outcome: 'revoked',
      grant: {
        target: { securityGroupRuleId: account.securityGroupRuleId },
        source: { prefixListId: account.PrefixListId, entries: ['10.0.1.0/24', '10.0.2.0/24', '203.0.113.0/24'] },
      },
      decision: { reasons: [{ text: expect.stringContaining('not covered: 203.0.113.0/24, of 3 entries') }] },
    });
    expect(await account.rules()).toEqual([]);
  });

  test('fails, and the rule stands, if its entries may not be read', async () => {
    const account = await startWithList({ deniedActions: ['GetManagedPrefixListEntries'] });
    const invoke = await startEnforceSecurityGroup(account.environment);

    const { error, decisions } = await invoke(await account.change('203.0.113.0/24', 1));

    expect(error).toBeDefined();
    expect(decisions).toMatchObject([{ outcome: 'failed', problem: expect.stringContaining('cannot be read') }]);
    expect(await account.rules()).toHaveLength(1);
  });

  test('is ignored without a line if no rule of a guarding group names the list', async () => {
    const account = await startWithList();
    await account.ec2.send(
      new RevokeSecurityGroupIngressCommand({
        GroupId: account.groupId,
        SecurityGroupRuleIds: [account.securityGroupRuleId as string],
      }),
    );
    const invoke = await startEnforceSecurityGroup(account.environment);

    const { result, decisions } = await invoke(await account.change('0.0.0.0/0', 1));

    expect(result).toMatchObject({ outcome: 'ignored' });
    expect(decisions).toEqual([]);
    expect(account.guardsCalls()).not.toContain('GetManagedPrefixListEntries');
  });
});
