import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import type { EventOutcome } from '../src/enforcement/event-outcome.ts';
import { systemClock } from '../src/local/clock.ts';
import type { BusEvent } from '../src/local/cloudtrail-record.ts';
import { startLocalAws } from '../src/local/local-aws.ts';
import { runStack } from '../src/local/run-stack.ts';
import { readStack } from '../src/local/stack.ts';
import { withChanges } from './events/sample-events.ts';
import { ACCOUNT, REGION, STRANGER } from './support/examples/grants.ts';
import { administratorOf } from './support/local-aws/local-elasticache.ts';
import { unzip } from './support/packaged/unzip.ts';

const TRANSITION = 50;
/** How many seconds of Lambda's waiting pass in one of ours. */
const SPEED = 1_200;

interface Code {
  readonly folder: string;
  readonly extension: string;
  /** The allowlist to judge by; without it, the one that comes with the code. */
  readonly allowlist?: string;
  /** Where the function looks for ElastiCache, if not on the local AWS. */
  readonly elastiCache?: string;
}
const sources: Code = { folder: '.', extension: '.ts' };

/** The stack of serverless.yml on a local AWS in enforce mode, and cache security group `sessions`. */
async function deploy({ folder, extension, allowlist, elastiCache }: Code) {
  const aws = await startLocalAws(
    { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: TRANSITION },
    systemClock(SPEED),
  );
  // An hour of the audit's schedule takes three seconds here, and on a busy machine a test takes longer.
  const functions = (await readStack('serverless.yml')).filter(({ name }) => name !== 'auditGrants');
  const stack = runStack(aws, functions, {
    folder,
    extension,
    account: ACCOUNT,
    region: REGION,
    environment: {
      AWS_ENDPOINT_URL_ELASTICACHE: elastiCache ?? aws.url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      INGRESS_GUARD_MODE: 'enforce',
      ...(allowlist && { INGRESS_GUARD_ALLOWLIST: allowlist }),
    },
  });
  onTestFinished(async () => {
    await stack.close();
    await aws.close();
  });
  const decisions: EventOutcome[] = [];
  aws.events.on('output', ({ line }) => {
    const entry = JSON.parse(line);
    if (entry.message === 'decision') decisions.push(entry);
  });
  const authorizations: BusEvent[] = [];
  aws.events.on('event', (event) => {
    const { eventName } = event.detail as { eventName: string };
    if (eventName === 'AuthorizeCacheSecurityGroupIngress') authorizations.push(event);
  });
  const attempts: BusEvent[] = [];
  aws.events.on('attempt', ({ event }) => attempts.push(event));
  const administrator = administratorOf(aws.url);
  await administrator.create();
  return {
    aws,
    administrator,
    /** The events of AuthorizeCacheSecurityGroupIngress, and each try of the function. */
    authorizations,
    attempts,
    /** Of every event so far; in a worker thread, output can come a moment after the result. */
    async outcomes(count: number): Promise<string[]> {
      await expect.poll(() => decisions.length).toBeGreaterThanOrEqual(count);
      return decisions.map(({ outcome }) => outcome);
    },
    decisions,
    /** The grants that stand once nothing is under way any more. */
    async standing(): Promise<string[]> {
      await aws.idle();
      const settled = async () => (await administrator.grants()).every((grant) => grant.endsWith(': authorized'));
      await expect.poll(settled).toBe(true);
      return await administrator.grants();
    },
  };
}

describe('the way of one grant, with the handlers of the checkout', () => {
  test('leaves an allowed grant standing, and revokes one that no rule allows', async () => {
    const { aws, administrator, outcomes, standing } = await deploy(sources);

    await administrator.authorize('web', ACCOUNT);
    await aws.idle();
    await administrator.authorize('web', STRANGER);

    expect(await standing()).toEqual([`web of ${ACCOUNT}: authorized`]);
    expect(await outcomes(2)).toEqual(['allowed', 'revoked']);
    expect(aws.deadLetters).toEqual([]);
  });

  test('ends as already gone when the event is delivered a second time', async () => {
    const { aws, administrator, authorizations, outcomes, standing } = await deploy(sources);
    await administrator.authorize('web', STRANGER);
    await standing();

    await aws.deliver(authorizations[0] as BusEvent);

    expect(await outcomes(2)).toEqual(['revoked', 'already-gone']);
    expect(aws.deadLetters).toEqual([]);
  });

  test('ends in the dead-letter queue after three tries when the event is malformed', async () => {
    const { aws, administrator, authorizations, attempts, outcomes, standing } = await deploy(sources);
    await administrator.authorize('web', ACCOUNT);
    await aws.idle();
    const malformed = withChanges(authorizations[0], {
      'detail.requestParameters.eC2SecurityGroupOwnerId': undefined,
    }) as BusEvent;

    await aws.deliver(malformed);

    expect(attempts.filter((event) => event === malformed)).toHaveLength(3);
    expect(aws.deadLetters).toMatchObject([{ event: malformed, attempts: 3, error: { name: 'RejectedEventError' } }]);
    expect(await outcomes(4)).toEqual(['allowed', 'rejected', 'rejected', 'rejected']);
    expect(await standing()).toEqual([`web of ${ACCOUNT}: authorized`]);
  });

  test('is not taken by calls that failed, nor by other calls', async () => {
    const { aws, administrator, authorizations, attempts } = await deploy(sources);
    await administrator.authorize('web', ACCOUNT);
    await aws.idle();

    await expect(administrator.authorize('web', ACCOUNT)).rejects.toThrow();
    await administrator.grants();
    await aws.idle();

    expect(authorizations).toHaveLength(2);
    expect(attempts).toEqual([authorizations[0]]);
  });

  test('ends in the dead-letter queue, with the grant standing, when the allowlist cannot be read', async () => {
    const allowlist = join(tmpdir(), 'ingress-guard-there-is-no-such-allowlist.yaml');
    const { aws, administrator, authorizations, outcomes, standing } = await deploy({ ...sources, allowlist });

    await administrator.authorize('web', STRANGER);

    expect(await standing()).toEqual([`web of ${STRANGER}: authorized`]);
    expect(await outcomes(3)).toEqual(['failed', 'failed', 'failed']);
    expect(aws.deadLetters).toMatchObject([
      {
        event: authorizations[0],
        attempts: 3,
        error: { name: 'EnforcementFailedError', message: expect.stringContaining(`${allowlist} cannot be read`) },
      },
    ]);
  });

  test('ends in the dead-letter queue, and loses nothing, when ElastiCache is away', async () => {
    const nobody = 'http://127.0.0.1:1';
    const { aws, administrator, authorizations } = await deploy({ ...sources, elastiCache: nobody });

    await administrator.authorize('web', STRANGER);
    await aws.idle();

    expect(aws.deadLetters).toMatchObject([
      { event: authorizations[0], attempts: 3, error: { name: 'EnforcementFailedError' } },
    ]);
  });
});

describe('the way of one grant, with the packaged function alone in an empty folder', () => {
  let packaged: Code;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-function-'));
    await unzip(join(inject('packageFolder'), 'enforceIngress.zip'), folder);
    packaged = { folder, extension: '.mjs' };
    return () => rm(folder, { recursive: true, force: true });
  });

  test('allows, revokes, finds already gone and dead-letters by the allowlist in it', async () => {
    const { aws, administrator, authorizations, outcomes, standing, decisions } = await deploy(packaged);

    await administrator.authorize('web', ACCOUNT);
    await aws.idle();
    await administrator.authorize('web', STRANGER);
    const standingGrants = await standing();
    await aws.deliver(authorizations[1] as BusEvent);
    const malformed = withChanges(authorizations[1], { 'detail.requestParameters': null }) as BusEvent;
    await aws.deliver(malformed);

    expect(standingGrants).toEqual([`web of ${ACCOUNT}: authorized`]);
    expect(await outcomes(6)).toEqual(['allowed', 'revoked', 'already-gone', 'rejected', 'rejected', 'rejected']);
    expect(aws.deadLetters).toMatchObject([{ event: malformed, error: { name: 'RejectedEventError' } }]);
    const sha256 = createHash('sha256')
      .update(await readFile('allowlist.yaml'))
      .digest('hex');
    expect(decisions[1]).toMatchObject({ outcome: 'revoked', allowlistSha256: sha256 });
  });

  test('judges by the YAML file that INGRESS_GUARD_ALLOWLIST names instead', async () => {
    const allowlist = join(packaged.folder, 'another-allowlist.yaml');
    const rule = `id: strangers, cacheSecurityGroups: [sessions], ec2SecurityGroups: [web], ownerIds: ["${STRANGER}"]`;
    await writeFile(allowlist, `version: 1\nrules:\n  - { ${rule} }\n`);
    const { administrator, outcomes, standing } = await deploy({ ...packaged, allowlist });

    await administrator.authorize('web', STRANGER);

    expect(await standing()).toEqual([`web of ${STRANGER}: authorized`]);
    expect(await outcomes(1)).toEqual(['allowed']);
  });

  test('revokes nothing when the file that INGRESS_GUARD_ALLOWLIST names is not there', async () => {
    const allowlist = join(packaged.folder, 'no-such-allowlist.yaml');
    const { aws, administrator, standing } = await deploy({ ...packaged, allowlist });

    await administrator.authorize('web', STRANGER);

    expect(await standing()).toEqual([`web of ${STRANGER}: authorized`]);
    expect(aws.deadLetters).toMatchObject([
      { error: { message: expect.stringContaining(`${allowlist} cannot be read: there is no such file`) } },
    ]);
  });
});
