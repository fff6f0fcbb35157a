import { describe, expect, test, vi } from 'vitest';
import { parseAuditReport } from '../../src/report/report-schema.ts';
import { runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT } from '../support/examples/grants.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { type Described, NO_EC2_CLASSIC, startDescribedAws } from '../support/scripted/described-aws.ts';
import { folderWith } from '../support/tools/folder.ts';

const ADDRESS = 'open-to-all-x2e9hv.public.serverless.use1.cache.amazonaws.com';

/** An account with one serverless cache, which has a public endpoint and no security groups. */
const DESCRIBED: Described = {
  DescribeCacheSecurityGroups: NO_EC2_CLASSIC,
  DescribeServerlessCaches: {
    ServerlessCaches: [
      {
        ServerlessCacheName: 'open-to-all',
        Status: 'available',
        Engine: 'valkey',
        Endpoint: { Address: ADDRESS, Port: 6379 },
        ReaderEndpoint: { Address: ADDRESS, Port: 6380 },
      },
    ],
  },
};

const WIDE = `version: 1
rules:
  - { id: wide, caches: ["*"], cidrs: ["0.0.0.0/0", "::/0"] }
`;
const MEANT = `version: 1
rules:
  - { id: meant, caches: [open-to-all], publicEndpoint: true }
`;

async function runAt(described: Described, argv: readonly string[], allowlist: string, stdin = '') {
  await using aws = await startDescribedAws(described);
  const environment = { AWS_REGION: 'us-east-1', INGRESS_GUARD_ALLOWLIST: await allowlistFile(allowlist) };
  stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: aws.url, AWS_ENDPOINT_URL_EC2: aws.url });
  vi.resetModules();
  return { ...(await runCli(argv, { environment, stdin })), actions: aws.actions };
}

const auditAs = (mode: string, ...more: string[]) => ['audit', '--account', ACCOUNT, '--mode', mode, ...more];
const PROBLEM =
  'no call takes a public endpoint away: make a new serverless cache without one, or allow it with `publicEndpoint: true`';

describe('an audit of a serverless cache with a public endpoint', () => {
  test.each(['report-only', 'enforce'])(
    'holds it in mode %s, however wide the ranges of the allowlist',
    async (mode) => {
      const { exitCode, stdout, actions } = await runAt(DESCRIBED, auditAs(mode, '--format', 'json'), WIDE);

      const { report, problems } = parseAuditReport(JSON.parse(stdout));
      expect(problems).toBeUndefined();
      expect(report).toMatchObject({
        complete: true,
        counts: { judged: 1, denied: 1, outcomes: { held: 1 } },
        findings: [
          {
            grant: {
              kind: 'vpc',
              target: { cacheName: 'open-to-all', ports: [6379, 6380] },
              source: { kind: 'internet' },
            },
            outcome: 'held',
            heldBecause: 'public',
            problem: PROBLEM,
          },
        ],
      });
      expect(exitCode).toBe(2);
      expect(actions.filter((action) => /^(Revoke|Modify|Delete)/.test(action))).toEqual([]);
    },
  );

  test('tells people who reaches it, that it is open to everybody, and what to do, with no command to paste', async () => {
    const { stdout } = await runAt(DESCRIBED, auditAs('report-only'), WIDE);

    expect(stdout).toContain('open-to-all:6379,6380');
    expect(stdout).toContain('anyone on the internet (everybody)');
    expect(stdout).toContain('1 public endpoint is held: no call takes one away.');
    expect(stdout).toMatch(/^✗ 1 disallowed grant stands, open to everybody$/m);
    expect(stdout).toContain(PROBLEM);
    expect(stdout).not.toContain('aws ec2 revoke');
    expect(stdout).not.toContain('undefined');
  });

  test('lets it be where the allowlist says so on purpose', async () => {
    const { exitCode, stdout } = await runAt(DESCRIBED, auditAs('enforce', '--format', 'json'), MEANT);

    expect(JSON.parse(stdout)).toMatchObject({
      findings: [{ outcome: 'allowed', decision: { effect: 'allow', rule: 'meant' } }],
    });
    expect(exitCode).toBe(0);
  });

  test.each(['csv', 'ocsf', 'html'])('has it in a report in %s', async (format) => {
    const { stdout } = await runAt(DESCRIBED, auditAs('report-only', '--format', format), WIDE);

    expect(stdout).toContain('open-to-all');
    expect(stdout).not.toContain('undefined');
  });

  test('finds no public endpoint in the address of a cache that is in a VPC, whatever the cache is called', async () => {
    const address = 'public-serverless-x2e9hv.serverless.use1.cache.amazonaws.com';
    const endpoint = { Address: address, Port: 6379 };
    const cache = {
      ServerlessCacheName: 'public-serverless',
      Status: 'available',
      Engine: 'valkey',
      Endpoint: endpoint,
    };
    const guarded = { ...cache, SecurityGroupIds: ['sg-0a'] };

    const described = { ...DESCRIBED, DescribeServerlessCaches: { ServerlessCaches: [guarded] } };
    const { exitCode, stdout } = await runAt(described, auditAs('report-only', '--format', 'json'), WIDE);

    expect(JSON.parse(stdout)).toMatchObject({ complete: true, findings: [] });
    expect(exitCode).toBe(0);
  });
});

/** A record of CloudTrail's, of now. */
const recordOf = (eventName: string, requestParameters: object, minutesAgo = 0) =>
  JSON.stringify({
    eventVersion: '1.08',
    userIdentity: { type: 'IAMUser', accountId: ACCOUNT },
    eventTime: `${new Date(Date.now() - minutesAgo * 60_000).toISOString().slice(0, 19)}Z`,
    eventSource: 'elasticache.amazonaws.com',
    eventName,
    awsRegion: 'us-east-1',
    requestParameters,
    responseElements: { serverlessCache: { serverlessCacheName: 'open-to-all', status: 'creating' } },
    eventID: 'e',
    recipientAccountId: ACCOUNT,
  });
const NOT_LISTED: Described = { ...DESCRIBED, DescribeServerlessCaches: { ServerlessCaches: [] } };
const CREATING: Described = {
  ...DESCRIBED,
  DescribeServerlessCaches: {
    ServerlessCaches: [{ ServerlessCacheName: 'open-to-all', Status: 'creating', Engine: 'valkey' }],
  },
};
const PRIVATE: Described = {
  ...DESCRIBED,
  DescribeServerlessCaches: {
    ServerlessCaches: [
      {
        ServerlessCacheName: 'open-to-all',
        Status: 'available',
        Engine: 'valkey',
        SecurityGroupIds: ['sg-0a'],
        Endpoint: { Address: 'open-to-all-x2e9hv.serverless.use1.cache.amazonaws.com', Port: 6379 },
      },
    ],
  },
};
const asked = { serverlessCacheName: 'open-to-all', engine: 'valkey', connectionType: 'PUBLIC' };

describe('the event of a call that gives a cache a public endpoint', () => {
  test.each([
    ['CreateServerlessCache', 'lists it', DESCRIBED],
    ['CreateServerlessCache', 'does not list the cache yet', NOT_LISTED],
    ['CreateServerlessCache', 'lists the cache while it is created', CREATING],
    ['ModifyServerlessCache', 'lists it', DESCRIBED],
    ['ModifyServerlessCache', 'lists the cache as it was before', PRIVATE],
  ])('is held for %s when ElastiCache %s', async (eventName, _, described) => {
    const argv = ['replay', '-', '--format', 'json'];

    const { exitCode, stdout } = await runAt(described, argv, WIDE, recordOf(eventName, asked));

    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'held',
      heldBecause: 'public',
      problem: PROBLEM,
      grant: { target: { cacheName: 'open-to-all', ports: [6379, 6380] }, source: { kind: 'internet' } },
    });
    expect(exitCode).toBe(2);
  });

  test('is held when ElastiCache lists the public endpoint, though the call does not say so', async () => {
    const { connectionType: _, ...silent } = asked;

    const { stdout } = await runAt(DESCRIBED, ['replay', '-'], WIDE, recordOf('CreateServerlessCache', silent));

    expect(stdout).toMatch(/^held {11}open-to-all:6379,6380 <- anyone on the internet by its public endpoint /);
  });

  test('is allowed where the allowlist says so on purpose', async () => {
    const { exitCode, stdout } = await runAt(
      NOT_LISTED,
      ['replay', '-'],
      MEANT,
      recordOf('CreateServerlessCache', asked),
    );

    expect(stdout).toMatch(/^allowed {8}open-to-all:6379,6380 <- anyone on the internet/);
    expect(exitCode).toBe(0);
  });

  test.each([
    ['the cache is not there any more', NOT_LISTED, 10],
    ['the cache has had its own security groups for long', PRIVATE, 90],
  ])('is nothing any more once %s', async (_, described, minutesAgo) => {
    const record = recordOf('CreateServerlessCache', asked, minutesAgo);

    const { exitCode, stdout } = await runAt(described, ['replay', '-'], WIDE, record);

    expect(stdout).not.toContain('internet');
    expect(exitCode).toBe(0);
  });
});

describe('a public endpoint', () => {
  test('is never learnt: what there is is not what is meant', async () => {
    const asked = await runAt(DESCRIBED, ['learn'], WIDE);
    const report = await runAt(DESCRIBED, auditAs('report-only', '--format', 'json'), WIDE);
    const fromReport = await runCli(['learn', '-'], { stdin: report.stdout });

    expect(asked.stderr).toContain('left out: the public endpoint of open-to-all (us-east-1). It is never learnt.');
    expect(fromReport.stderr).toContain(
      `left out: open-to-all:6379,6380 <- anyone on the internet by its public endpoint (${ACCOUNT}, us-east-1). It is never learnt.`,
    );
    expect([asked.stdout, fromReport.stdout]).toEqual(['', '']);
    expect([asked.exitCode, fromReport.exitCode]).toEqual([1, 1]);
  });

  test('is warned of by check, like everything that is open to everybody', async () => {
    const { stdout, stderr } = await runCli(['check', await allowlistFile(MEANT)]);

    expect(`${stdout}${stderr}`).toContain(
      'rule `meant` allows anyone on the internet to reach these caches by a public endpoint',
    );
  });

  test.each([
    [MEANT, 0, /allowed by rule `meant`/],
    [WIDE, 2, /denied.*\n[\s\S]*its public endpoint: not allowed/],
  ])('is explained', async (allowlist, code, message) => {
    const grant = ['--account', ACCOUNT, '--region', 'us-east-1', '--cache-name', 'open-to-all', '--port', '6379'];

    const argv = ['explain', ...grant, '--public-endpoint', '--allowlist', await allowlistFile(allowlist)];
    const { exitCode, stdout } = await runCli(argv);

    expect(stdout).toMatch(message);
    expect(exitCode).toBe(code);
  });

  test('can be a case of a test', async () => {
    const { cases } = await folderWith({
      cases: `cases:
  - name: anyone reaches the one cache that is meant
    grant: { account: "${ACCOUNT}", region: us-east-1, cacheName: open-to-all, ports: [6379], publicEndpoint: true }
    expect: allow
    rule: meant
  - name: and no other
    grant: { account: "${ACCOUNT}", region: us-east-1, cacheName: sessions, ports: [6379], publicEndpoint: true }
    expect: deny
`,
    });

    const { exitCode, stdout } = await runCli(['test', cases, '--allowlist', await allowlistFile(MEANT)]);

    expect(stdout).toContain('2 passed, 0 failed');
    expect(exitCode).toBe(0);
  });

  test('is read from a report by what-if, which says what a change would do', async () => {
    const { stdout: report } = await runAt(DESCRIBED, auditAs('report-only', '--format', 'json'), MEANT);
    const [before, after] = [await allowlistFile(MEANT), await allowlistFile(WIDE)];

    const argv = ['what-if', before, after, '--grants', '-', '--format', 'markdown'];
    const { exitCode, stdout } = await runCli(argv, { stdin: report });

    expect(stdout).toContain('anyone on the internet');
    expect(exitCode).toBe(2);
  });
});
