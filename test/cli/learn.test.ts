import { describe, expect, test, vi } from 'vitest';
import { parseAllowlistText } from '../../src/allowlist/parse-allowlist-text.ts';
import { decide } from '../../src/policy/decide.ts';
import type { VpcSource } from '../../src/policy/vpc/source.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { expectHelp, expectRefusal, jsonLines, runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT, REGION, STRANGER, strangersGrant, vpcGrant } from '../support/examples/grants.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { startElastiCacheWithGrants } from '../support/local-aws/elasticache-with-grants.ts';
import { startGuardedCacheHere } from '../support/local-aws/guarded-cache-here.ts';
import { authorize, createGroup, sharePrefixList, tcp } from '../support/local-aws/local-ec2.ts';
import { NO_EC2_CLASSIC, Refusal, startDescribedAws } from '../support/scripted/described-aws.ts';
import { rulesPage } from '../support/scripted/ec2-answers.ts';
import { found, noEc2Classic, startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';
import { folderWith } from '../support/tools/folder.ts';

const grant = (from: string, owner = ACCOUNT, into = 'sessions') => ({
  ...strangersGrant,
  target: { cacheSecurityGroupName: into },
  source: { ec2SecurityGroupName: from, ec2SecurityGroupOwnerId: owner },
});
const LIST = 'pl-0123456789abcdef0';
const asReport = (...grants: readonly unknown[]) => JSON.stringify({ findings: grants.map((one) => ({ grant: one })) });
const LEARNT = `# Learnt from 2 grants by ingress-guard learn. Read it before you use it.
version: 1
rules:
  - id: sessions
    cacheSecurityGroups: [sessions]
    ec2SecurityGroups: [web]
    ownerIds: ["${STRANGER}", self]
    accounts: ["${ACCOUNT}"]
    regions: [us-east-1]
`;

describe('ingress-guard learn', () => {
  test('writes the allowlist for the grants in a file, and nothing else', async () => {
    const { report } = await folderWith({ report: asReport(grant('web'), grant('web', STRANGER), grant('web')) });

    expect(await runCli(['learn', report])).toEqual({ exitCode: 0, stdout: LEARNT, stderr: '' });
  });

  test('answers in JSON, one object: the same allowlist', async () => {
    const stdin = asReport(grant('web'), grant('web', STRANGER));

    const { stdout, exitCode } = await runCli(['learn', '-', '--format', 'json'], { stdin });

    expect(jsonLines(stdout)).toEqual([parseAllowlistText(LEARNT, 'learnt').allowlist]);
    expect(exitCode).toBe(0);
  });

  test('learns from events, decisions and standard input', async () => {
    const { event } = await folderWith({ event: JSON.stringify(sampleEvent('authorize-ingress')) });
    const stdin = `${JSON.stringify({ outcome: 'allowed', grant: grant('web') })}\n`;

    expect((await runCli(['learn', event, '-'], { stdin })).stdout).toBe(LEARNT);
  });

  test('refuses --region with a file, whose grants of other regions it would allow too', async () => {
    const { report } = await folderWith({ report: asReport(grant('web')) });
    const environment = { AWS_REGION: 'eu-west-1' };

    const refused = await runCli(['learn', report, '--region', 'eu-west-1'], { environment });
    const learnt = await runCli(['learn', report], { environment });

    expectRefusal(refused, 1, /every grant in files is learnt, of any region: leave out --region, or the files/);
    expect(learnt.exitCode).toBe(0);
  });

  test('puts patterns in the place of names only when --wildcards asks for it', async () => {
    const stdin = asReport(...['web-1', 'web-2', 'web-3'].map((name) => grant(name)));

    expect((await runCli(['learn', '-'], { stdin })).stdout).toContain('ec2SecurityGroups: [web-1, web-2, web-3]\n');
    expect((await runCli(['learn', '-', '--wildcards'], { stdin })).stdout).toContain('ec2SecurityGroups: [web-*]\n');
  });

  test('writes YAML that means what it says, whatever a grant is called', async () => {
    const names = [
      '*',
      '!web',
      '&a',
      '[x]',
      '{a,b}',
      '#no',
      'a: b',
      "it's",
      '"',
      ' a  b ',
      'null',
      '12',
      '0x1F',
      '~',
      '-',
      '\\',
      '@',
      '%',
      'x, y',
      '>',
      '|',
      'no',
    ];
    const long = 'a b '.repeat(60);
    const grants = [...names, long].map((name, i) =>
      grant(name, i % 2 === 0 ? ACCOUNT : STRANGER, ['-x', '123456789012', 'null'][i % 3]),
    );

    const { stdout } = await runCli(['learn', '-'], { stdin: asReport(...grants) });

    const { compiled } = parseAllowlistText(stdout, 'learnt');
    for (const one of grants) expect(decide(one, compiled, new Date()).effect, JSON.stringify(one)).toBe('allow');
    expect(decide(grant('web'), compiled, new Date()).effect).toBe('deny');
  });

  test('leaves out what a report or a decision says is revoked: it is there no more', async () => {
    const gone = ['revoked', 'already-gone'].map((outcome) => ({ outcome, grant: grant(outcome, STRANGER) }));
    const stands = ['allowed', 'would-revoke', 'failed', 'held'].map((outcome) => ({ outcome, grant: grant(outcome) }));
    const report = JSON.stringify({ complete: true, findings: [...gone, ...stands] });
    const decisions = [...gone, ...stands].map((one) => JSON.stringify(one)).join('\n');

    for (const stdin of [report, decisions]) {
      expect((await runCli(['learn', '-'], { stdin })).stdout).toContain(
        'ec2SecurityGroups: [allowed, failed, held, would-revoke]\n    ownerIds: [self]\n',
      );
    }
  });

  test('leaves out a grant that is pending, because its port is a guess, and says so', async () => {
    const grant = vpcGrant({ kind: 'cidr', cidr: '10.0.0.0/16' });
    const decided = (outcome: string) => JSON.stringify({ outcome, grant, decision: { effect: 'deny', reasons: [] } });

    const pending = await runCli(['learn', '-'], { stdin: `${decided('pending')}\n` });
    const known = await runCli(['learn', '-'], { stdin: `${decided('held')}\n` });

    expect(pending.exitCode).toBe(1);
    expect(pending.stdout).toBe('');
    expect(pending.stderr).toContain('left out: sessions:6379 <- 10.0.0.0/16');
    expect(known.stdout).toContain('10.0.0.0/16');
  });

  test('learns nothing from the report of an audit that did not see everything', async () => {
    const stdin = JSON.stringify({ complete: false, notJudged: [], findings: [{ grant: grant('web') }] });

    expectRefusal(await runCli(['learn', '-'], { stdin }), 1, /this audit did not see everything.*nothing was learnt/);
  });

  test('asks AWS where no file is named, and leaves out what is being revoked', async () => {
    const { administrator, calls } = await startElastiCacheWithGrants();
    await administrator.authorize('batch', STRANGER);
    await administrator.revoke('web', STRANGER);
    calls.length = 0;

    const { exitCode, stdout, stderr } = await runCli(['learn', '--region', REGION]);

    expect(calls.map(({ action }) => action).toSorted()).toEqual([
      'DescribeCacheClusters',
      'DescribeCacheSecurityGroups',
      'DescribeServerlessCaches',
    ]);
    const { allowlist } = parseAllowlistText(stdout, 'learnt');
    expect(allowlist.rules).toMatchObject([
      { id: 'sessions-1', ec2SecurityGroups: ['batch'], ownerIds: [STRANGER] },
      { id: 'sessions-2', ec2SecurityGroups: ['web'], ownerIds: ['self'] },
    ]);
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  test('asks every region that is named, else that of AWS_REGION', async () => {
    const { calls } = await startElastiCacheWithGrants({ regions: [REGION, 'eu-west-1'] });

    await runCli(['learn', '--region', 'eu-west-1', REGION]);
    await runCli(['learn'], { environment: { AWS_REGION: REGION } });

    const regions = calls.filter(({ action }) => action === 'DescribeCacheClusters').map(({ region }) => region);
    expect(regions).toEqual(['eu-west-1', REGION, REGION]);
  });

  test('learns who reaches the caches from the rules of the security groups that guard them', async () => {
    const { aws, ec2, groupId, letIn } = await startGuardedCacheHere();
    sharePrefixList(aws.region(REGION), 'pl-0123456789abcdef0');
    await letIn('10.0.0.0/16');
    await letIn('10.1.0.0/16');
    const web = await createGroup(ec2, 'web');
    const UserIdGroupPairs = [{ GroupId: web }, { GroupId: groupId }];
    const PrefixListIds = [{ PrefixListId: 'pl-0123456789abcdef0' }];
    await authorize(ec2, groupId, { IpProtocol: '-1', UserIdGroupPairs, PrefixListIds });
    // Neither opens a port that the cache listens on.
    await authorize(ec2, groupId, tcp(22, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }));
    await authorize(ec2, web, tcp(6379, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }));

    const { exitCode, stdout, stderr } = await runCli(['learn', '--region', REGION]);

    expect(stdout).toBe(`# Learnt from 5 grants by ingress-guard learn. Read it before you use it.
version: 1
rules:
  - id: sessions
    caches: [sessions]
    securityGroupNames: [caches, web]
    ownerIds: [self]
    cidrs: [10.0.0.0/16, 10.1.0.0/16]
    prefixListIds: [pl-0123456789abcdef0]
    ports: [6379]
    accounts: ["${ACCOUNT}"]
    regions: [us-east-1]
`);
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  test('learns from caches where the account has no EC2-Classic, and says that it has none', async () => {
    const { letIn } = await startGuardedCacheHere({ vpcOnly: true });
    await letIn('10.0.0.0/16');

    const { exitCode, stdout, stderr } = await runCli(['learn', '--region', REGION]);

    expect(stdout).toContain('    cidrs: [10.0.0.0/16]\n');
    expect(stderr).toMatch(/^us-east-1: the account has no EC2-Classic, so there are no cache security groups\n$/);
    expect(exitCode).toBe(0);
  });

  test('writes an allowlist by which an audit of the same account finds nothing to revoke', async () => {
    const { letIn, environment } = await startGuardedCacheHere();
    for (const range of ['10.0.0.0/16', '0.0.0.0/0']) await letIn(range);
    const { stdout } = await runCli(['learn', '--region', REGION]);

    const argv = ['audit', '--allowlist', await allowlistFile(stdout), '--mode', 'enforce', '--format', 'json'];
    const audit = await runCli(argv, { environment });

    expect(JSON.parse(audit.stdout).counts).toMatchObject({ judged: 2, allowed: 2, denied: 0 });
    expect(audit.exitCode).toBe(0);
  });

  test.each<readonly [string, VpcSource, RegExp]>([
    [
      'a security group that is nobody’s',
      { kind: 'securityGroup', securityGroupId: 'sg-0c' },
      /<- sg-0c of .*: the owner of the group is not known/,
    ],
    [
      'IPv4 written as IPv6',
      { kind: 'cidr', cidr: '::ffff:a00:0/104' },
      /<- ::ffff:a00:0\/104 .*: its range is IPv4 written as IPv6/,
    ],
  ])('leaves out %s, and says so', async (_, source, why) => {
    const stdin = asReport(vpcGrant({ kind: 'cidr', cidr: '10.0.0.0/16' }), vpcGrant(source));

    const { exitCode, stdout, stderr } = await runCli(['learn', '-'], { stdin });

    expect(stdout).toContain('# Learnt from 1 grant ');
    expect(stdout).toContain('cidrs: [10.0.0.0/16]\n');
    expect(stdout).not.toMatch(/securityGroupIds|::ffff/);
    expect(stderr).toMatch(/^left out: sessions:6379 <- .* No rule can allow it: .*\.\n$/);
    expect(stderr).toMatch(why);
    expect(exitCode).toBe(0);
  });

  test.each([
    ['the caches', 'DescribeCacheClusters'],
    ['the rules of their security groups', 'DescribeSecurityGroupRules'],
  ])('ends with 1, and writes nothing, when it cannot ask for %s', async (_, action) => {
    const { letIn } = await startGuardedCacheHere({ deniedActions: [action] });
    await letIn('10.0.0.0/16');

    expectRefusal(await runCli(['learn', '--region', REGION]), 1, /^ingress-guard: us-east-1: .*not authorized/i);
  });

  test.each([
    ['a rule that says nobody', rulesPage([{}]), /rule sgr-01 of sg-0a cannot be read: the source is missing/],
    [
      'a rule of a protocol that is none',
      rulesPage([{ cidrIpv4: '10.0.0.0/16', ipProtocol: 'a b' }]),
      /rule sgr-01 of sg-0a cannot be read: ipProtocol/,
    ],
  ])('ends with 1, and writes nothing, for %s: it would be revoked', async (_, page, message) => {
    await startGuardedCacheHere();
    await using ec2 = await startScriptedEndpoint(page);
    vi.stubEnv('AWS_ENDPOINT_URL_EC2', ec2.url);

    expectRefusal(await runCli(['learn', '--region', REGION]), 1, message);
  });

  test('ends with 1, and writes nothing, for a cache whose port cannot be told', async () => {
    const cluster =
      '<CacheCluster><CacheClusterId>sessions</CacheClusterId><CacheClusterStatus>available</CacheClusterStatus></CacheCluster>';
    await using elastiCache = await startScriptedEndpoint((action) =>
      action === 'DescribeCacheSecurityGroups'
        ? noEc2Classic
        : found(action, action === 'DescribeCacheClusters' ? `<CacheClusters>${cluster}</CacheClusters>` : undefined),
    );
    stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url });
    vi.resetModules();

    expectRefusal(
      await runCli(['learn', '--region', REGION]),
      1,
      /us-east-1: cache sessions cannot be read: ElastiCache shows no port of it/,
    );
  });

  test('says so where the account has no EC2-Classic, and ends with 1 if nothing is left to learn from', async () => {
    await startElastiCacheWithGrants({ vpcOnly: true });

    const ended = await runCli(['learn', '--region', REGION]);

    expectRefusal(
      ended,
      1,
      /^us-east-1: the account has no EC2-Classic.*\ningress-guard: there are no grants to learn from/,
    );
  });

  test('ends with 1, and writes nothing, when it cannot ask', async () => {
    await startElastiCacheWithGrants({ deniedActions: ['DescribeCacheSecurityGroups'] });

    expectRefusal(await runCli(['learn', '--region', REGION]), 1, /^ingress-guard: us-east-1: .*not authorized/i);
    expectRefusal(await runCli(['learn']), 1, /which region\? Say --region, or set AWS_REGION/);
  });

  test('ends with 1, and writes nothing, when any grant cannot be read: it would be revoked', async () => {
    const { report, broken } = await folderWith({ report: asReport(grant('web'), {}), broken: 'no JSON' });

    expectRefusal(
      await runCli(['learn', report]),
      1,
      /report:1: account is missing; .*Fix or remove it: nothing was learnt/,
    );
    expectRefusal(await runCli(['learn', broken]), 1, /not JSON/);
    expectRefusal(await runCli(['learn', `${broken}.missing`]), 1, /there is no such file/);
    expectRefusal(await runCli(['learn', '-'], { stdin: '[]' }), 1, /there are no grants to learn from/);
  });

  test('ends with 3, and writes nothing, when there are more grants than an allowlist has room for', async () => {
    const grants = Array.from({ length: 12_000 }, (_, i) => grant('web', ACCOUNT, `sessions-${i}`));

    expectRefusal(
      await runCli(['learn', '-'], { stdin: asReport(...grants) }),
      3,
      /the learnt allowlist is larger than 1 MB/,
    );
  });

  test('has a --help with an example', async () => {
    await expectHelp('learn');
  });
});

describe('what is learnt of rules that let everybody in', () => {
  const learn = async (ranges: readonly string[], ...options: string[]) => {
    const account = await startGuardedCacheHere();
    for (const range of ranges) await account.letIn(range);
    return await runCli(['learn', '--region', `${REGION},`, ...options]);
  };

  test.each(['0.0.0.0/0', '128.0.0.0/1', '0.0.0.0/1'])(
    'is marked in the file and on standard error: %s',
    async (range) => {
      const { stdout, stderr, exitCode } = await learn(['10.0.0.0/16', range]);

      expect(stdout).toMatch(
        new RegExp(
          `^ +# ALLOWS ACCESS FROM NEARLY EVERYWHERE: ${range}\\. Remove it, unless that is meant\\.\\n +- id: `,
          'm',
        ),
      );
      expect(stderr).toMatch(
        new RegExp(`^allows access from nearly everywhere: sessions:6379 <- ${range} .*Remove it`, 'm'),
      );
      expect(exitCode).toBe(0);
      expect((await runCli(['check', '-'], { stdin: stdout })).stdout).toMatch(/warning: .*\n.*valid/);
    },
  );

  test.each([
    [
      'with such an entry',
      '0.0.0.0/0',
      /^allows access from nearly everywhere: sessions:6379 <- pl-0123456789abcdef0 /m,
    ],
    ['without one', '10.0.0.0/16', /^(?!.*nearly everywhere)/s],
  ])('is marked where it names a prefix list %s', async (_, cidr, warned) => {
    const { aws, ec2, groupId } = await startGuardedCacheHere();
    sharePrefixList(aws.region(REGION), LIST, cidr);
    await authorize(ec2, groupId, tcp(6379, { PrefixListIds: [{ PrefixListId: LIST }] }));

    const { stdout, stderr } = await runCli(['learn', '--region', REGION]);

    expect(stdout).toContain(`prefixListIds: [${LIST}]`);
    expect(stdout.includes(`# ALLOWS ACCESS FROM NEARLY EVERYWHERE: ${LIST}.`)).toBe(cidr === '0.0.0.0/0');
    expect(stderr).toMatch(warned);
  });

  test('is not known where the entries of a prefix list cannot be read, which is reported', async () => {
    const ids = {
      GroupId: 'sg-0aaaaaaaaaaaaaaaa',
      GroupOwnerId: ACCOUNT,
      SecurityGroupRuleId: 'sgr-0123456789abcdef0',
    };
    const opens = { IsEgress: false, IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, PrefixListId: LIST };
    const cache = { ServerlessCacheName: 'sessions', SecurityGroupIds: [ids.GroupId], Endpoint: { Port: 6379 } };
    await using aws = await startDescribedAws({
      DescribeCacheSecurityGroups: NO_EC2_CLASSIC,
      DescribeServerlessCaches: { ServerlessCaches: [cache] },
      DescribeSecurityGroupRules: { SecurityGroupRules: [{ ...ids, ...opens }] },
      DescribeManagedPrefixLists: new Refusal(403, 'UnauthorizedOperation'),
    });
    stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: aws.url, AWS_ENDPOINT_URL_EC2: aws.url });

    const { stdout, stderr, exitCode } = await runCli(['learn', '--region', REGION]);

    expect(stderr).toMatch(
      new RegExp(
        `^the entries of prefix list ${LIST} \\(${REGION}\\) are not known: .*UnauthorizedOperation.*Look at them`,
        'm',
      ),
    );
    expect(stdout).toContain(`prefixListIds: [${LIST}]`);
    expect(exitCode).toBe(0);
  });

  test('is reported on standard error for JSON, which has no comments', async () => {
    const { stdout, stderr } = await learn(['0.0.0.0/0'], '--format', 'json');

    expect(() => JSON.parse(stdout)).not.toThrow();
    expect(stderr).toMatch(/^allows access from nearly everywhere: /);
  });

  test('is not marked when it is an ordinary range', async () => {
    const { stdout, stderr } = await learn(['10.0.0.0/8']);

    expect(stdout).not.toContain('EVERYWHERE');
    expect(stderr).toBe('');
  });
});
