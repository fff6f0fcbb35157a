import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateCacheClusterCommand,
  CreateServerlessCacheCommand,
  ElastiCacheClient,
  ModifyCacheClusterCommand,
} from '@aws-sdk/client-elasticache';
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import type { EventOutcome } from '../src/enforcement/event-outcome.ts';
import { systemClock } from '../src/local/clock.ts';
import type { BusEvent } from '../src/local/cloudtrail-record.ts';
import { startLocalAws } from '../src/local/local-aws.ts';
import { runStack } from '../src/local/run-stack.ts';
import { readStack, readStateMachines } from '../src/local/stack.ts';
import { withChanges } from './events/sample-events.ts';
import { ACCOUNT, REGION } from './support/examples/grants.ts';
import { authorize, createGroup, ec2ClientFor, ingressOf, tcp } from './support/local-aws/local-ec2.ts';
import { credentials } from './support/local-aws/local-elasticache.ts';
import { unzip } from './support/packaged/unzip.ts';

/** How many seconds of Lambda's waiting pass in one of ours. */
const SPEED = 1_200;

interface Code {
  readonly folder: string;
  readonly extension: string;
}

const INSIDE = [{ CidrIp: '10.1.0.0/16' }];
const ANYBODY = [{ CidrIp: '0.0.0.0/0' }];
const ALLOWLIST = `version: 1
rules:
  - { id: inside-to-sessions, caches: [sessions], cidrs: ["10.0.0.0/8"] }
`;

/** Cache `sessions` behind a security group, and the functions of serverless.yml that take events, in enforce mode. */
async function deploy({ folder, extension }: Code, { creatingMs = 0, clock = systemClock(SPEED) } = {}) {
  const aws = await startLocalAws(
    { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: 50, creatingMs },
    clock,
  );
  const ec2 = ec2ClientFor(aws.url);
  const elastiCache = new ElastiCacheClient({ region: REGION, endpoint: aws.url, credentials });
  const guarding = await createGroup(ec2, 'sessions');
  const cache = { CacheClusterId: 'sessions', SecurityGroupIds: [guarding] };
  await elastiCache.send(new CreateCacheClusterCommand({ ...cache, Engine: 'redis', NumCacheNodes: 1 }));
  await aws.idle();

  const allowlist = join(await mkdtemp(join(tmpdir(), 'ingress-guard-allowlist-')), 'allowlist.yaml');
  await writeFile(allowlist, ALLOWLIST);
  const functions = (await readStack('serverless.yml')).filter(({ name }) => name !== 'auditGrants');
  aws.deployStateMachines(await readStateMachines('serverless.yml', { account: ACCOUNT, region: REGION }));
  const stack = runStack(aws, functions, {
    folder,
    extension,
    account: ACCOUNT,
    region: REGION,
    environment: {
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      INGRESS_GUARD_MODE: 'enforce',
      INGRESS_GUARD_ALLOWLIST: allowlist,
    },
  });
  onTestFinished(async () => {
    elastiCache.destroy();
    await stack.close();
    await aws.close();
    await rm(join(allowlist, '..'), { recursive: true, force: true });
  });
  const decisions: EventOutcome[] = [];
  const attempts: string[] = [];
  const authorizations: BusEvent[] = [];
  aws.events.on('output', ({ line }) => {
    const entry = JSON.parse(line);
    if (entry.message === 'decision') decisions.push(entry);
  });
  aws.events.on('attempt', ({ functionName }) => attempts.push(functionName));
  aws.events.on('event', (event) => {
    const { eventName } = event.detail as { eventName: string };
    if (eventName === 'AuthorizeSecurityGroupIngress') authorizations.push(event);
  });
  return {
    aws,
    ec2,
    elastiCache,
    guarding,
    attempts,
    authorizations,
    decisions,
    /** Of every grant so far; in a worker thread, output can come a moment after the result. */
    async outcomes(count: number): Promise<string[]> {
      await expect.poll(() => decisions.length).toBeGreaterThanOrEqual(count);
      return decisions.map(({ outcome }) => outcome);
    },
    /** Whom a group lets in once nothing is under way any more. */
    async standing(group: string): Promise<(string | undefined)[]> {
      await aws.idle();
      return (await ingressOf(ec2, group)).map(({ CidrIpv4 }) => CidrIpv4);
    },
  };
}

/** With a public endpoint. The JavaScript SDK does not know `ConnectionType` yet. */
function createPublicCache(name: string): CreateServerlessCacheCommand {
  const command = new CreateServerlessCacheCommand({ ServerlessCacheName: name, Engine: 'valkey' });
  command.middlewareStack.add(
    (next) => (call) => {
      const request = call.request as { body: string };
      request.body += '&ConnectionType=public';
      return next(call);
    },
    { step: 'build', priority: 'high' },
  );
  return command;
}

const SOURCES: Code = { folder: '.', extension: '.ts' };
const PACKAGED = { folder: '', extension: '.mjs' };
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-functions-'));
  for (const name of ['enforceIngress', 'enforceSecurityGroup']) {
    await unzip(join(inject('packageFolder'), `${name}.zip`), folder);
  }
  PACKAGED.folder = folder;
  return () => rm(folder, { recursive: true, force: true });
});

describe.each([
  ['the handlers of the checkout', SOURCES],
  ['the packaged functions alone in an empty folder', PACKAGED],
])('the way of one rule of a security group, with %s', (_, code) => {
  test('lets a rule wait for the cache that is being created behind it, and revokes it once the cache has its port', async () => {
    // As long as this clock stands still the cache is being created, however busy the machine is.
    const start = Date.now();
    let isStill = true;
    const clock = { ...systemClock(SPEED), now: () => (isStill ? start : Date.now()) };
    const { aws, ec2, guarding, standing, decisions } = await deploy(code, { creatingMs: 1, clock });

    await authorize(ec2, guarding, tcp(6379, { IpRanges: [...INSIDE, ...ANYBODY] }));
    await expect.poll(() => decisions.length).toBeGreaterThan(0);
    const whileCreating = (await ingressOf(ec2, guarding)).map(({ CidrIpv4 }) => CidrIpv4);
    isStill = false;

    expect(whileCreating).toEqual(['10.1.0.0/16', '0.0.0.0/0']);
    await expect.poll(() => standing(guarding)).toEqual(['10.1.0.0/16']);
    await expect.poll(() => decisions.map(({ outcome }) => outcome)).toContain('revoked');
    expect(decisions[0]).toMatchObject({ outcome: 'pending', awaits: expect.stringContaining('`sessions`') });
    expect(aws.deadLetters).toEqual([]);
  });

  test('leaves a rule standing that lets in whom the allowlist allows, and revokes one that lets in anybody', async () => {
    const { aws, ec2, guarding, outcomes, standing, decisions } = await deploy(code);

    await authorize(ec2, guarding, tcp(6379, { IpRanges: INSIDE }));
    await aws.idle();
    await authorize(ec2, guarding, tcp(6379, { IpRanges: ANYBODY }));

    expect(await standing(guarding)).toEqual(['10.1.0.0/16']);
    expect(await outcomes(2)).toEqual(['allowed', 'revoked']);
    expect(decisions[1]).toMatchObject({
      grant: { target: { cacheName: 'sessions', ports: [6379] }, source: { kind: 'cidr', cidr: '0.0.0.0/0' } },
      securityGroupRule: { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379 },
    });
    expect(aws.deadLetters).toEqual([]);
  });

  test('ends as already gone when the event is delivered again much later', async () => {
    const { aws, ec2, guarding, authorizations, outcomes, standing } = await deploy(code);
    await authorize(ec2, guarding, tcp(6379, { IpRanges: ANYBODY }));
    await standing(guarding);

    await aws.deliver(withChanges(authorizations[0], { 'detail.eventTime': '2026-01-01T00:00:00Z' }) as BusEvent);

    expect(await outcomes(2)).toEqual(['revoked', 'already-gone']);
    expect(aws.deadLetters).toEqual([]);
  });

  test('says nothing of a group that guards no cache, and leaves it alone', async () => {
    const { aws, ec2, attempts, decisions, standing } = await deploy(code);
    const other = await createGroup(ec2, 'web');

    await authorize(ec2, other, tcp(6379, { IpRanges: ANYBODY }));

    expect(await standing(other)).toEqual(['0.0.0.0/0']);
    expect(attempts).toEqual(['enforceSecurityGroup']);
    expect(decisions).toEqual([]);
    expect(aws.deadLetters).toEqual([]);
  });

  test('begins as well when a cache is given a group that is open already', async () => {
    const { aws, ec2, elastiCache, outcomes, standing } = await deploy(code);
    const open = await createGroup(ec2, 'open');
    await authorize(ec2, open, tcp(6379, { IpRanges: ANYBODY }), tcp(22, { IpRanges: ANYBODY }));
    await aws.idle();

    await elastiCache.send(new ModifyCacheClusterCommand({ CacheClusterId: 'sessions', SecurityGroupIds: [open] }));

    // The rule for port 22 reaches no cache.
    expect(await standing(open)).toEqual(['0.0.0.0/0']);
    expect((await ingressOf(ec2, open)).map(({ FromPort }) => FromPort)).toEqual([22]);
    expect(await outcomes(1)).toEqual(['revoked']);
    expect(aws.deadLetters).toEqual([]);
  });

  test('holds a serverless cache that anyone on the internet reaches, and revokes nothing', async () => {
    const { aws, elastiCache, outcomes, decisions } = await deploy(code);

    await elastiCache.send(createPublicCache('open'));
    await aws.idle();

    expect(await outcomes(1)).toEqual(['held']);
    expect(decisions[0]).toMatchObject({
      heldBecause: 'public',
      grant: { target: { cacheName: 'open' }, source: { kind: 'internet' } },
    });
    expect(aws.deadLetters).toEqual([]);
  });

  test('ends in the dead-letter queue after three tries when the event is malformed', async () => {
    const { aws, ec2, guarding, authorizations, outcomes, standing } = await deploy(code);
    await authorize(ec2, guarding, tcp(6379, { IpRanges: INSIDE }));
    await aws.idle();
    const malformed = withChanges(authorizations[0], {
      'detail.requestParameters': { groupId: 'none' },
      'detail.responseElements': null,
    }) as BusEvent;

    await aws.deliver(malformed);

    expect(aws.deadLetters).toMatchObject([{ event: malformed, attempts: 3, error: { name: 'RejectedEventError' } }]);
    expect(await outcomes(4)).toEqual(['allowed', 'rejected', 'rejected', 'rejected']);
    expect(await standing(guarding)).toEqual(['10.1.0.0/16']);
  });
});
