import { describe, expect, test, vi } from 'vitest';
import { runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT } from '../support/examples/grants.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { type Described, NO_EC2_CLASSIC, Refusal, startDescribedAws } from '../support/scripted/described-aws.ts';

const DEFAULT_GROUP = 'sg-0d0d0d0d0d0d0d0d0';

/** A cluster in a VPC that was made without naming a security group, as DescribeCacheClusters shows one. */
const jobs = {
  CacheClusterId: 'jobs',
  ConfigurationEndpoint: { Address: 'jobs.abc123.cfg.use1.cache.amazonaws.com', Port: 11211 },
  Engine: 'memcached',
  CacheClusterStatus: 'available',
  NumCacheNodes: 1,
  CacheSecurityGroups: [],
  CacheSubnetGroupName: 'app-subnets',
  CacheNodes: [
    { CacheNodeId: '0001', Endpoint: { Address: 'jobs.abc123.0001.use1.cache.amazonaws.com', Port: 11211 } },
  ],
};

/** The same outside of a VPC. */
const { CacheSubnetGroupName: _, ...classicJobs } = {
  ...jobs,
  CacheSecurityGroups: [{ CacheSecurityGroupName: 'default', Status: 'active' }],
};

/** An account with that cluster alone, guarded by the default group, which is open to everybody. */
const DESCRIBED: Described = {
  DescribeCacheSecurityGroups: NO_EC2_CLASSIC,
  DescribeCacheClusters: { CacheClusters: [jobs] },
  DescribeSecurityGroupRules: {
    SecurityGroupRules: [
      {
        SecurityGroupRuleId: 'sgr-0d0d0d0d0d0d0d0d0',
        GroupId: DEFAULT_GROUP,
        GroupOwnerId: ACCOUNT,
        IsEgress: false,
        IpProtocol: 'tcp',
        FromPort: 11211,
        ToPort: 11211,
        CidrIpv4: '0.0.0.0/0',
      },
    ],
  },
  DescribeNetworkInterfaces: {
    NetworkInterfaces: [
      {
        NetworkInterfaceId: 'eni-0d0d0d0d0d0d0d0d0',
        Description: 'ElastiCache jobs',
        RequesterId: 'amazon-elasticache',
        RequesterManaged: false,
        Groups: [{ GroupId: DEFAULT_GROUP, GroupName: 'default' }],
      },
    ],
  },
};

const NO_INTERFACE: Described = { ...DESCRIBED, DescribeNetworkInterfaces: { NetworkInterfaces: [] } };
const NO_INTERFACE_OF_DEFAULT: Described = {
  ...NO_INTERFACE,
  DescribeSecurityGroups: { SecurityGroups: [{ GroupId: DEFAULT_GROUP, GroupName: 'default', OwnerId: ACCOUNT }] },
};
const REFUSED: Described = { ...DESCRIBED, DescribeNetworkInterfaces: new Refusal(403, 'UnauthorizedOperation') };
const OUTSIDE: Described = { ...DESCRIBED, DescribeCacheClusters: { CacheClusters: [classicJobs] } };

const ALLOWLIST = `version: 1
rules:
  - id: vpc
    caches: [sessions, jobs]
    cidrs: [10.0.0.0/16]
`;

/** Runs a command at an account that is described so. */
async function runAt(described: Described, argv: readonly string[], stdin = '') {
  await using aws = await startDescribedAws(described);
  const environment = { AWS_REGION: 'us-east-1', INGRESS_GUARD_ALLOWLIST: await allowlistFile(ALLOWLIST) };
  stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: aws.url, AWS_ENDPOINT_URL_EC2: aws.url });
  vi.resetModules();
  return { ...(await runCli(argv, { environment, stdin })), requests: aws.requests };
}

const AUDIT = ['audit', '--account', ACCOUNT];

describe('an audit of a cluster of which ElastiCache lists no security group', () => {
  test('judges it by the groups of its network interfaces, which one call asks for', async () => {
    const { exitCode, stdout, requests } = await runAt(DESCRIBED, [...AUDIT, '--format', 'json']);

    expect(JSON.parse(stdout)).toMatchObject({
      complete: true,
      counts: { judged: 1, denied: 1 },
      findings: [{ grant: { target: { cacheName: 'jobs', ports: [11211], securityGroupId: DEFAULT_GROUP } } }],
    });
    expect(exitCode).toBe(2);
    const asked = requests.filter((request) => request.get('Action') === 'DescribeNetworkInterfaces');
    expect(asked.map((request) => request.get('Filter.1.Name'))).toEqual(['description']);
  });

  test.each([
    ['there is no network interface of it', NO_INTERFACE, 'EC2 shows no network interface'],
    ['network interfaces may not be read', REFUSED, 'UnauthorizedOperation'],
  ])('names it as not judged, with what to do, and ends with 1 when %s', async (_, described, why) => {
    const { exitCode, stdout } = await runAt(described, AUDIT);

    expect(stdout).toContain('which security groups guard it is not known');
    expect(stdout).toContain(why);
    expect(stdout).not.toContain('every grant is allowed');
    expect(exitCode).toBe(1);
  });

  test('misses nothing if it is outside of a VPC', async () => {
    const { exitCode, stdout } = await runAt(OUTSIDE, AUDIT);

    expect(stdout).not.toContain('not known');
    expect(exitCode).toBe(0);
  });
});

/** A record of a call, as a log file holds it. */
const recordOf = (eventSource: string, eventName: string, requestParameters: object, responseElements: object) => ({
  eventVersion: '1.08',
  userIdentity: { type: 'IAMUser', accountId: ACCOUNT },
  eventTime: '2026-11-27T10:00:00Z',
  eventSource,
  eventName,
  awsRegion: 'us-east-1',
  requestParameters,
  responseElements,
  eventID: '11111111-1111-1111-1111-111111111112',
  recipientAccountId: ACCOUNT,
});
const created = recordOf(
  'elasticache.amazonaws.com',
  'CreateCacheCluster',
  { cacheClusterId: 'jobs', engine: 'memcached', numCacheNodes: 1, cacheSubnetGroupName: 'app-subnets' },
  { cacheClusterId: 'jobs', cacheClusterStatus: 'creating', cacheSecurityGroups: [] },
);
const authorized = recordOf(
  'ec2.amazonaws.com',
  'AuthorizeSecurityGroupIngress',
  { groupId: DEFAULT_GROUP, ipPermissions: {} },
  {
    _return: true,
    securityGroupRuleSet: {
      items: [{ groupId: DEFAULT_GROUP, securityGroupRuleId: 'sgr-0d0d0d0d0d0d0d0d0', isEgress: false }],
    },
  },
);

describe('a replay of what concerns such a cluster', () => {
  test.each([
    ['the call that created it', created],
    ['a call that opened the group of its network interface', authorized],
  ])('judges it by the groups of its network interfaces: %s', async (_, record) => {
    const { exitCode, stdout } = await runAt(DESCRIBED, ['replay', '-'], JSON.stringify(record));

    expect(stdout).toMatch(/^would-revoke {3}jobs:11211 <- 0\.0\.0\.0\/0 /);
    expect(exitCode).toBe(2);
  });

  test.each([
    ['the call that created it, without a network interface', created, NO_INTERFACE],
    ['the call that created it, where interfaces may not be read', created, REFUSED],
    ['a call that opened a group, where interfaces may not be read', authorized, REFUSED],
    ['a call that opened the default group, without a network interface', authorized, NO_INTERFACE_OF_DEFAULT],
  ])('says that its groups are not known, and ends with 1: %s', async (_, record, described) => {
    const { exitCode, stdout, stderr } = await runAt(described, ['replay', '-'], JSON.stringify(record));

    expect(`${stdout}${stderr}`).toMatch(/which security groups guard it is not known|UnauthorizedOperation/);
    expect(exitCode).toBe(1);
  });
});

describe('learning from such a cluster', () => {
  test('learns who reaches it through the groups of its network interfaces', async () => {
    const { exitCode, stdout } = await runAt(DESCRIBED, ['learn', '--format', 'json']);

    expect(JSON.parse(stdout)).toMatchObject({ rules: [{ caches: ['jobs'], cidrs: ['0.0.0.0/0'], ports: [11211] }] });
    expect(exitCode).toBe(0);
  });

  test.each([NO_INTERFACE, REFUSED])('learns nothing, and says what is not known', async (described) => {
    const { exitCode, stdout, stderr } = await runAt(described, ['learn']);

    expect(stderr).toMatch(/cache jobs cannot be read: which security groups guard it is not known/);
    expect(stdout).toBe('');
    expect(exitCode).toBe(1);
  });
});
