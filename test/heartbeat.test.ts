import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseEvent } from '../src/cloudtrail/parse-event.ts';
import { enforceEvent } from '../src/enforcement/enforce-event.ts';
import { systemClock } from '../src/local/clock.ts';
import { deployStack, roleArnIn } from '../src/local/deploy-stack.ts';
import { type LocalAws, startLocalAws } from '../src/local/local-aws.ts';
import { runStack } from '../src/local/run-stack.ts';
import { readBusSchedules, readCallSchedules, readStack } from '../src/local/stack.ts';
import { CompiledAllowlist } from '../src/policy/compile-allowlist.ts';
import { sampleEvent, withChanges } from './events/sample-events.ts';
import { toRevoke } from './support/examples/to-revoke.ts';
import { UNHURRIED } from './support/examples/unhurried.ts';

const account = '123456789012';
const region = 'us-east-1';
const HEARTBEAT = { source: 'ingress-guard.heartbeat' };

let aws: LocalAws;
let stack: ReturnType<typeof runStack>;
const lines: Record<string, unknown>[] = [];
beforeAll(async () => {
  // The quarter of an hour between two heartbeats takes half a second here.
  aws = await startLocalAws({ port: 0, accountId: account, regions: [region], transitionMs: 50 }, systemClock(1800));
  aws.events.on('output', ({ line }) => {
    if (line.startsWith('{')) lines.push(JSON.parse(line));
  });
  const functions = (await readStack('serverless.yml')).filter(({ name }) => name !== 'auditGrants');
  stack = runStack(aws, functions, {
    folder: '.',
    extension: '.ts',
    account,
    region,
    environment: {
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      INGRESS_GUARD_MODE: 'enforce',
      INGRESS_GUARD_ALLOWLIST: 'allowlist.yaml',
    },
  });
});
afterAll(async () => {
  await stack.close();
  await aws.close();
});

test('each heartbeat of serverless.yml goes through bus, rule and its own function, and is counted', async () => {
  const calls = new Set<string>();
  aws.events.on('call', ({ action }) => calls.add(action));
  const taken = new Set<string>();
  aws.events.on('attempt', ({ functionName, event }) =>
    taken.add(`${functionName}: ${(event.detail as { eventName: string }).eventName}`),
  );

  aws.schedule(await readBusSchedules('serverless.yml', { account, region }));

  for (const metric of ['Heartbeat', 'SecurityGroupHeartbeat']) {
    await expect.poll(() => lines.filter((line) => line[metric] === 1).length).toBeGreaterThan(1);
  }
  expect([...taken].sort()).toEqual([
    'enforceIngress: AuthorizeCacheSecurityGroupIngress',
    'enforceSecurityGroup: AuthorizeSecurityGroupIngress',
  ]);
  expect(lines.filter(({ message }) => message === 'decision')).toEqual([]);
  // Nothing is looked up of the group that a heartbeat names, and nothing revoked.
  expect([...calls].sort()).toEqual(['DescribeCacheClusters', 'DescribeServerlessCaches']);
  expect(aws.deadLetters).toEqual([]);
});

test('the failed call of serverless.yml goes through CloudTrail, bus and rule to its function, and is counted alone', async () => {
  const stack = await deployStack(aws.accounts, { folder: '.', account, region, stage: 'test', settings: {} });
  const calls: string[] = [];
  aws.events.on('call', ({ service, action, error, principal }) =>
    calls.push(`${service.name}:${action} by ${principal.session?.role.name}: ${error?.code}`),
  );
  const before = lines.length;

  const schedules = await readCallSchedules('serverless.yml');
  aws.scheduleCalls(schedules.map((one) => ({ ...one, roleArn: roleArnIn(stack, one.role, account) })));

  const counted = () => lines.slice(before).filter((line) => line.CloudTrailHeartbeat === 1);
  await expect.poll(() => counted().length).toBeGreaterThan(1);
  const role = `elasticache-ingress-guard-test-CloudTrailHeartbeatRole-${region}`;
  expect(new Set(calls.filter((call) => call.includes('Authorize')))).toEqual(
    new Set([`ec2:AuthorizeSecurityGroupIngress by ${role}: InvalidGroup.NotFound`]),
  );
  expect(lines.filter(({ message }) => message === 'decision')).toEqual([]);
  expect(aws.deadLetters).toEqual([]);
});

test('the failed call stays away when no trail logs it', async () => {
  const trails = aws.accounts.home.trails.in(region);
  for (const trail of trails) trail.isLogging = false;
  let taken = 0;
  const count = ({ event }: { readonly event: { readonly source: string } }) => {
    if (event.source === 'aws.ec2') taken++;
  };
  let made = 0;
  aws.events.on('call', ({ action }) => {
    if (action === 'AuthorizeSecurityGroupIngress') made++;
  });
  await aws.idle();
  aws.events.on('attempt', count);

  await expect.poll(() => made).toBeGreaterThan(2);
  await aws.idle();

  aws.events.off('attempt', count);
  for (const trail of trails) trail.isLogging = true;
  expect(taken).toBe(0);
});

test('a heartbeat is judged, and whatever it names is left alone, because anybody can put one on the bus', async () => {
  const forged = withChanges(sampleEvent('authorize-ingress'), HEARTBEAT);
  const revoked: unknown[] = [];

  const { outcome } = await enforceEvent(parseEvent(forged), {
    ...UNHURRIED,
    guardedAccount: undefined,
    readPolicy: async () => ({
      allowlist: new CompiledAllowlist({ version: 1, rules: [] }),
      allowlistSha256: '',
      mode: 'enforce',
    }),
    now: () => new Date(),
    toRevokeGrant: toRevoke(async (grant) => {
      revoked.push(grant);
      return { result: 'revoked' };
    }),
  });

  expect(outcome).toMatchObject({ outcome: 'ignored', reason: 'heartbeat', decision: { effect: 'deny' } });
  expect(revoked).toEqual([]);
});

test('a heartbeat fails, and so stays away, when there is nothing valid to judge by', async () => {
  const { outcome } = await enforceEvent(parseEvent(withChanges(sampleEvent('authorize-ingress'), HEARTBEAT)), {
    ...UNHURRIED,
    guardedAccount: undefined,
    readPolicy: () => Promise.reject(new Error('the allowlist is gone')),
    now: () => new Date(),
    toRevokeGrant: () => Promise.reject(new Error('never')),
  });

  expect(outcome.outcome).toBe('failed');
});
