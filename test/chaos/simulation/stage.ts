import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../src/local/clock.ts';
import { drawFaults, type FaultRates, type FaultSettings, type Faults } from '../../../src/local/faults.ts';
import { type LocalAws, startLocalAws } from '../../../src/local/local-aws.ts';
import { runStack } from '../../../src/local/run-stack.ts';
import { readStack, readStateMachines, type StackFunction } from '../../../src/local/stack.ts';
import { LIMIT, LIMITED_SCHEDULE } from './limit.ts';
import { ACCOUNT, ALLOWLIST, FAR_REGION, PARTNER, REGION, type Rubbish } from './plan.ts';
import { PREFIX_LISTS } from './rules-plan.ts';
import { type Scripts, withScripts } from './scripted-faults.ts';
import { APP_ID } from './user-agent.ts';
import type { Witness } from './witness.ts';

/** What Lambda and CloudTrail wait is so many times shorter than on AWS: a minute takes a quarter of a second. */
export const SPEED = 240;
/** How long a grant is `authorizing`, and `revoking`. */
export const TRANSITION_MS = 100;
/** How long a cache is `creating`. */
export const CREATING_MS = 6_000;
/** For how long EC2's Describe does not show what is new. */
const DESCRIBE_LAG_MS = 50;
const REVOCATIONS = ['RevokeCacheSecurityGroupIngress', 'RevokeSecurityGroupIngress'];
/** The source of the event with which the simulation, in place of a schedule, starts an audit. */
export const SCHEDULE = 'aws.events';

const FAULTS: Omit<FaultSettings, 'seed'> = {
  throttle: 0.04,
  serverError: 0.03,
  slow: 0.03,
  cutBefore: 0.02,
  cutAfter: 0.02,
  dropEvent: 0.05,
  doubleEvent: 0.05,
  delayEvent: 0.5,
  reorderEvent: 0.05,
  crash: 0.01,
  timeOut: 0.01,
  // In the time of Lambda and CloudTrail: half a second, and up to a second and a quarter, on the wall.
  slowMs: 120_000,
  delayMs: 300_000,
};

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));
export const STACK = join(CHECKOUT, 'serverless.yml');

export interface StageSettings {
  readonly seed: number;
  /** Faults that happen more, or less, often than they do if nothing is said. */
  readonly rates?: Partial<FaultRates>;
  /** The folder in which `handlers/` is; the checkout's own if not given. */
  readonly folder?: string;
  /** What the functions find in their environment beside what they need. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Where it all happens: a local AWS with the stack of this checkout, and what can be broken of it at will. */
export interface Stage {
  readonly aws: LocalAws;
  readonly faults: Faults;
  /** What happens in the scenes, by security group, in place of faults that are drawn. */
  readonly scripts: Scripts;
  /** Adds a rule to the allowlist, for good. Ends when its source serves it. */
  extendAllowlist(rule: string): Promise<void>;
  /** Lets the source of the allowlist serve rubbish, or the allowlist again. */
  breakAllowlist(rubbish: Rubbish | undefined): Promise<void>;
  /** Takes the permission to revoke away from everybody, or gives it back. */
  breakPermission(broken: boolean): void;
  close(): Promise<void>;
}

export async function setStage(
  { seed, rates, folder = CHECKOUT, environment }: StageSettings,
  witness: Witness,
): Promise<Stage> {
  const scripts: Scripts = new Map();
  const drawn = drawFaults({ ...FAULTS, ...rates, seed }, (...fault) => witness.seeFault(...fault));
  const faults = withScripts(drawn, scripts);
  const deniedActions: string[] = [];
  const aws = await startLocalAws(
    {
      port: 0,
      accountId: ACCOUNT,
      regions: [REGION, FAR_REGION],
      transitionMs: TRANSITION_MS,
      quota: 1_000,
      rulesPerSecurityGroup: 100_000,
      creatingMs: CREATING_MS,
      describeLagMs: DESCRIBE_LAG_MS,
      deniedActions,
      faults,
      serve: (request, response) => {
        witness.seeRequest(request, response);
        return false;
      },
    },
    systemClock(SPEED),
  );
  // A rule can only name a prefix list that is there.
  for (const prefixListId of Object.values(PREFIX_LISTS)) {
    aws.region(REGION)?.prefixLists.share({
      prefixListId,
      prefixListName: 'Chaos',
      ownerId: PARTNER,
      addressFamily: 'IPv4',
      maxEntries: 1,
      entries: [{ cidr: '192.0.2.0/24' }],
    });
  }
  aws.deployStateMachines(await readStateMachines(STACK, { account: ACCOUNT, region: REGION }));
  const source = await allowlistSource();
  let allowlist = ALLOWLIST;
  const functions = (await readStack(STACK)).map(withoutSchedule);
  const code = { folder, extension: '.ts', account: ACCOUNT, region: REGION, atTimeOut: 'freeze' } as const;
  const variables = {
    AWS_ENDPOINT_URL_ELASTICACHE: aws.url,
    AWS_ENDPOINT_URL_EC2: aws.url,
    AWS_ACCESS_KEY_ID: 'guard',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SDK_UA_APP_ID: APP_ID,
    INGRESS_GUARD_ALLOWLIST: source.file,
    INGRESS_GUARD_MODE: 'enforce',
    INGRESS_GUARD_MAX_REVOCATIONS: 'unlimited',
    INGRESS_GUARD_REGIONS: `${REGION},${FAR_REGION}`,
    ...environment,
  };
  const stack = runStack(aws, functions, { ...code, environment: variables });
  const limited = runStack(aws, functions.flatMap(withLimit), {
    ...code,
    environment: { ...variables, INGRESS_GUARD_MAX_REVOCATIONS: String(LIMIT) },
  });
  return {
    aws,
    faults,
    scripts,
    extendAllowlist(rule) {
      allowlist += rule;
      return source.serve(allowlist);
    },
    breakAllowlist: (rubbish) => source.serve(rubbish ? rubbish.contents : allowlist),
    breakPermission(broken) {
      deniedActions.splice(0, 2, ...(broken ? REVOCATIONS : []));
    },
    async close() {
      await stack.close();
      await limited.close();
      await aws.close();
      await source.close();
    },
  };
}

/** Lets a function that has a schedule wait for an event in its place: the simulation says when. */
function withoutSchedule(written: StackFunction): StackFunction {
  if (written.schedules.length === 0) return written;
  return { ...written, schedules: [], eventPatterns: [{ source: [SCHEDULE] }] };
}

/** The audit once more, for an event of its own: with a limit. */
function withLimit(waiting: StackFunction): StackFunction | [] {
  if (waiting.name !== 'auditGrants') return [];
  return { ...waiting, name: 'limitedAudit', eventPatterns: [{ source: [LIMITED_SCHEDULE] }] };
}

/** A file from which functions read the allowlist. It is never half there: a new one takes its place at once. */
async function allowlistSource() {
  const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-chaos-'));
  const [file, next] = [join(folder, 'allowlist.yaml'), join(folder, 'next.yaml')];
  const serve = async (contents: string | undefined): Promise<void> => {
    if (contents === undefined) return await rm(file);
    await writeFile(next, contents);
    await rename(next, file);
  };
  await serve(ALLOWLIST);
  return { file, serve, close: () => rm(folder, { recursive: true }) };
}
