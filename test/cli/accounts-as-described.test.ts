import { readFile } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import { jsonLines, runCli } from '../support/commands/run-cli.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { type Described, Refusal, startDescribedAws } from '../support/scripted/described-aws.ts';

const OWNER = '123456789012';
const ALLOWLIST = `version: 1
rules:
  - id: vpc
    caches: [sessions, jobs]
    cidrs: [10.0.0.0/16]
`;

/** What a file in test/recorded/answers says that AWS describes. */
async function describedIn(file: string): Promise<Described> {
  const printed = JSON.parse(await readFile(`test/recorded/answers/${file}`, 'utf8'));
  return Object.fromEntries(
    Object.entries<{ status: number; code: string; message: string }>(printed).map(([key, value]) =>
      key.startsWith('Error:')
        ? [key.slice('Error:'.length), new Refusal(value.status, value.code, value.message)]
        : [key, value],
    ),
  );
}

async function runAt(described: Described, argv: readonly string[], stdin = '') {
  await using aws = await startDescribedAws(described);
  stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: aws.url, AWS_ENDPOINT_URL_EC2: aws.url });
  vi.resetModules();
  const environment = { AWS_REGION: 'us-east-1', INGRESS_GUARD_ALLOWLIST: await allowlistFile(ALLOWLIST) };
  return { ...(await runCli(argv, { environment, stdin })), actions: aws.actions };
}

const ENFORCE = ['--mode', 'enforce', '--account', OWNER, '--format', 'json'];
const revocations = (actions: readonly string[]) => actions.filter((action) => action.startsWith('Revoke'));

describe('an audit in mode enforce', () => {
  test('finds nothing where GRE and ICMP are open to 0.0.0.0/0: neither reaches a cache', async () => {
    const { exitCode, stdout } = await runAt(await describedIn('what-reaches-no-cache.json'), ['audit', ...ENFORCE]);

    expect(JSON.parse(stdout)).toMatchObject({ complete: true, findings: [], notJudged: [] });
    expect(exitCode).toBe(0);
  });

  test('leaves all traffic from a prefix list whose entries it cannot read, and says so', async () => {
    const described = await describedIn('all-traffic-prefix-list.json');

    const { exitCode, stdout, actions } = await runAt(described, ['audit', ...ENFORCE]);

    expect(JSON.parse(stdout)).toMatchObject({
      findings: [],
      notJudged: [
        {
          what: 'rule sgr-00000000000000002 of security group sg-0c0c0c0c0c0c0c0c0',
          why: expect.stringContaining('the entries of prefix list pl-0aaaaaaaaaaaaaaaa cannot be read'),
        },
      ],
    });
    expect(revocations(actions)).toEqual([]);
    expect(exitCode).toBe(1);
  });

  test('knows the owner of a security group that lets itself in, though EC2 does not name one', async () => {
    const { exitCode, stdout } = await runAt(await describedIn('own-group-without-owner.json'), ['audit', ...ENFORCE]);

    expect(JSON.parse(stdout).findings).toMatchObject([
      {
        outcome: 'revoked',
        grant: { source: { securityGroupOwnerId: OWNER } },
        decision: { reasons: [{ misses: ['securityGroup'] }] },
      },
    ]);
    expect(exitCode).toBe(2);
  });
});

describe('a cache that the allowlist does not know, made in the security group of another', () => {
  test('cuts nobody off in an audit', async () => {
    const described = await describedIn('new-cache-in-a-group-in-use.json');

    const { exitCode, stdout, actions } = await runAt(described, ['audit', ...ENFORCE]);

    const { findings } = JSON.parse(stdout) as { findings: { outcome: string; heldBecause: string }[] };
    expect(new Set(findings.map(({ outcome, heldBecause }) => `${outcome} ${heldBecause}`))).toEqual(
      new Set(['held mixed']),
    );
    expect(findings).toHaveLength(6);
    expect(revocations(actions)).toEqual([]);
    expect(exitCode).toBe(2);
  });

  test('cuts nobody off by its own event', async () => {
    const described = await describedIn('new-cache-in-a-group-in-use.json');
    const event = await readFile('test/recorded/answers/new-cache-in-a-group-in-use.event.json', 'utf8');
    const replay = ['replay', '-', '--enforce', '--yes', '--account', OWNER, '--format', 'json'];

    const { exitCode, stdout, actions } = await runAt(described, replay, JSON.stringify(JSON.parse(event)));

    expect(jsonLines(stdout)).toMatchObject([{ outcome: 'held', heldBecause: 'mixed' }]);
    expect(revocations(actions)).toEqual([]);
    expect(exitCode).toBe(2);
  });
});

describe('an explanation of a security group rule', () => {
  const GROUP = 'sg-0c0c0c0c0c0c0c0c0';
  const RULE = 'sgr-00000000000000001';
  const cluster = (name: string, status: string) => ({
    CacheClusterId: name,
    Engine: 'redis',
    CacheClusterStatus: status,
    SecurityGroups: [{ SecurityGroupId: GROUP, Status: 'active' }],
    CacheNodes: status === 'available' ? [{ Endpoint: { Address: 'a.cache.amazonaws.com', Port: 6379 } }] : [],
  });
  const describedWith = (...CacheClusters: readonly object[]): Described => ({
    DescribeCacheClusters: { CacheClusters },
    DescribeSecurityGroupRules: {
      SecurityGroupRules: [
        {
          SecurityGroupRuleId: RULE,
          GroupId: GROUP,
          GroupOwnerId: OWNER,
          IsEgress: false,
          IpProtocol: 'tcp',
          FromPort: 6379,
          ToPort: 6379,
          CidrIpv4: '10.0.0.0/24',
        },
      ],
    },
  });

  test('is of every cache behind its group', async () => {
    const { exitCode, stdout } = await runAt(describedWith(cluster('sessions', 'available')), ['explain', RULE]);

    expect(stdout).toContain('allow');
    expect(exitCode).toBe(0);
  });

  test.each([
    ['creating', 'cache tmp is being created and has no port yet'],
    ['modifying', 'cache tmp: ElastiCache shows no port of it, and its status is `modifying`'],
  ])('is not given while one of them is %s and has no port: it may open that as well', async (status, why) => {
    const described = describedWith(cluster('sessions', 'available'), cluster('tmp', status));

    const { exitCode, stdout, stderr } = await runAt(described, ['explain', RULE]);

    expect(stderr).toContain(`what rule ${RULE} of ${GROUP} opens is not known: ${why}`);
    expect(stdout).toBe('');
    expect(exitCode).toBe(1);
  });
});
