import { setTimeout as sleep } from 'node:timers/promises';
import type { BusEvent } from '../../../src/local/cloudtrail-record.ts';
import type { CacheSecurityGroup } from '../../../src/local/elasticache/cache-security-groups.ts';
import type { FaultRates } from '../../../src/local/faults.ts';
import type { DeadLetter } from '../../../src/local/lambda.ts';
import type { LocalAws } from '../../../src/local/local-aws.ts';
import { readBusSchedules } from '../../../src/local/stack.ts';
import { peopleAt } from './people.ts';
import { ACCOUNT, makePlan, type Outage, type Plan, REGION } from './plan.ts';
import { rulePeopleAt } from './rules-people.ts';
import { type PlannedRule, planAttachments, planCaches, planLists, planRules } from './rules-plan.ts';
import { type KnownRule, RuleWitness } from './rules-witness.ts';
import { allowOwnClients, playAside, playBirth, playInTheMidst, playLimit, type Scenes } from './scenes.ts';
import {
  CREATING_MS,
  SCHEDULE,
  SPEED,
  STACK,
  type Stage,
  type StageSettings,
  setStage,
  TRANSITION_MS,
} from './stage.ts';
import { Witness } from './witness.ts';

export interface RunSettings extends StageSettings {
  readonly grants: number;
}

/** What came of a run: what was planned, what happened, and what is there at its end. */
export interface Run {
  readonly plan: Plan;
  readonly rules: readonly PlannedRule[];
  readonly witness: Witness;
  readonly ruleWitness: RuleWitness;
  /** How often each fault happened. */
  readonly faults: Readonly<Record<keyof FaultRates, number>>;
  /** What the endpoint lists in the end. */
  readonly cacheSecurityGroups: readonly CacheSecurityGroup[];
  /** The rules of security groups that EC2 lists in the end. */
  readonly standingRules: readonly KnownRule[];
  /** What is in the dead-letter queue in the end. */
  readonly deadLetters: readonly DeadLetter[];
  readonly seconds: number;
}

/** Environments that are warm at the beginning: one for so many grants, up to as many as the local Lambda has. */
const GRANTS_OF_A_WARM_ENVIRONMENT = 30;
const MOST_ENVIRONMENTS = 10;

/** Beside so many grants of cache security groups there is one rule of a security group. */
const GRANTS_OF_A_RULE = 3;

/** How long Step Functions waits, on the wall, and a little more. */
const WAIT_MS = (2 * 120_000) / SPEED;

/** An audit that dies, or says itself that it did not see all, is run again, as its schedule would an hour later. */
const MOST_AUDITS = 3;

/**
 * Lets people and faults loose on a local AWS with the stack of this checkout, over HTTP. When no event is under way any
 * more, and what broke is mended, the dead letters are redriven once, and one audit runs, without a limit on revocations.
 */
export async function runChaos(settings: RunSettings): Promise<Run> {
  const began = performance.now();
  const plan = makePlan(settings.seed, settings.grants);
  const witness = new Witness();
  const stage = await setStage(settings, witness);
  const { aws, faults } = stage;
  const people = peopleAt(aws.url);
  const rulePeople = rulePeopleAt(aws.url);
  const rules = planRules(settings.seed, Math.ceil(settings.grants / GRANTS_OF_A_RULE));
  const groups = {
    attachments: planAttachments(settings.seed, plan.endMs),
    caches: planCaches(settings.seed, plan.endMs),
    lists: planLists(settings.seed, plan.endMs),
  };
  const ruleWitness = new RuleWitness(witness);
  const scenes: Scenes = {
    stage,
    people: rulePeople,
    ruleWitness,
    witness,
    audit: (source) => aws.deliver(toEvent(source, 'Scheduled Event', {})),
  };
  try {
    await warmUp(aws, Math.min(MOST_ENVIRONMENTS, Math.ceil(settings.grants / GRANTS_OF_A_WARM_ENVIRONMENT)));
    await people.prepare(plan);
    ruleWitness.watch(aws, await rulePeople.prepare(groups));
    await allowOwnClients(scenes);
    // What was made until now tells nobody, and is not being created any more.
    await sleep(CREATING_MS);
    await aws.idle();
    witness.watch(aws);
    await playLimit(scenes);
    witness.begin();
    await allEnd([
      people.act(plan, witness),
      rulePeople.act(rules, groups, witness),
      breakThings(plan, stage, witness),
      playAside(scenes),
    ]);
    await aws.idle();
    await playInTheMidst(scenes);
    await playBirth(scenes);
    // Until the last event that waits was handed over again.
    await sleep(CREATING_MS + WAIT_MS);
    await aws.idle();
    await redrive(aws, witness);
    await audit(aws, witness);
    await sleep(2 * TRANSITION_MS);
    return {
      plan,
      rules,
      witness,
      ruleWitness,
      faults: faults.injected,
      cacheSecurityGroups: aws.list(REGION),
      standingRules: ruleWitness.standing(),
      deadLetters: aws.deadLetters,
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    people.leave();
    rulePeople.leave();
    await stage.close();
  }
}

/** One that fails must not take the stage away from the others: what they would say then is not what went wrong. */
async function allEnd(acts: readonly Promise<unknown>[]): Promise<void> {
  const ended = await Promise.allSettled(acts);
  const failed = ended
    .filter(({ status }) => status === 'rejected')
    .map((one) => (one as PromiseRejectedResult).reason);
  if (failed.length > 0) throw failed.length === 1 ? failed[0] : new AggregateError(failed, 'several acts failed');
}

/**
 * Starts environments of the function that events invoke; others start cold in the midst of it all. A heartbeat does it that
 * passes for a real event: the grant that it names is denied and not there, so all that a revocation needs is loaded.
 */
async function warmUp(aws: LocalAws, environments: number): Promise<void> {
  const [heartbeat] = await readBusSchedules(STACK, { account: ACCOUNT, region: REGION });
  if (heartbeat === undefined) throw new Error(`${STACK} has no heartbeat to warm the function up with`);
  const event = toEvent('aws.elasticache', heartbeat.detailType, heartbeat.detail);
  await Promise.all(Array.from({ length: environments }, () => aws.deliver(event)));
}

async function breakThings(plan: Plan, stage: Stage, witness: Witness): Promise<void> {
  const during = async <What extends Outage>(outages: readonly What[], set: (broken: What | undefined) => unknown) => {
    for (const outage of outages) {
      await witness.until(outage.fromMs);
      await set(outage);
      await witness.until(outage.untilMs);
      await set(undefined);
    }
  };
  await Promise.all([
    during(plan.allowlistOutages, (outage) => {
      witness.tell(undefined, `the allowlist's source serves ${outage?.rubbish.what ?? 'the allowlist again'}`);
      return stage.breakAllowlist(outage?.rubbish);
    }),
    during(plan.permissionOutages, (outage) => {
      witness.tell(undefined, outage ? 'nobody may revoke' : 'people and Ingress Guard may revoke again');
      stage.breakPermission(outage !== undefined);
    }),
  ]);
}

async function redrive(aws: LocalAws, witness: Witness): Promise<void> {
  witness.phase = 'redrive';
  const letters = aws.deadLetters.splice(0);
  await Promise.all(
    letters.map((letter) => {
      witness.seeRedrive(letter);
      return aws.deliver(letter.event as BusEvent);
    }),
  );
}

async function audit(aws: LocalAws, witness: Witness): Promise<void> {
  let isDone = false;
  aws.events.on('attempt', ({ functionName, attempt }) => {
    if (functionName !== 'auditGrants') return;
    isDone = (attempt.result as { complete: boolean } | undefined)?.complete === true;
  });
  for (let audits = 0; audits < MOST_AUDITS && !isDone; audits++) {
    witness.seeAudit();
    await aws.deliver(toEvent(SCHEDULE, 'Scheduled Event', {}));
  }
}

function toEvent(source: string, detailType: string, detail: unknown): BusEvent {
  const [account, region, time] = [ACCOUNT, REGION, '2026-01-01T00:00:00Z'];
  return { version: '0', id: source, 'detail-type': detailType, source, account, time, region, resources: [], detail };
}
