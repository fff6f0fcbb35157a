import type fc from 'fast-check';
import { parseSecurityGroupEvent } from '../../src/cloudtrail/parse-security-group-event.ts';
import { audit as auditOf } from '../../src/enforcement/audit.ts';
import { type CacheIndexReader, cacheIndexReader } from '../../src/enforcement/cache-index.ts';
import { policyConfirmation } from '../../src/enforcement/confirm-policy.ts';
import { enforceSecurityGroupEvent } from '../../src/enforcement/enforce-security-group-event.ts';
import type { EventOutcome, Policy } from '../../src/enforcement/event-outcome.ts';
import { GUARDS_NO_CACHE } from '../../src/enforcement/pointed.ts';
import type { Revoked, VpcPorts } from '../../src/enforcement/ports.ts';
import type { ReadSecurityGroupEvent } from '../../src/enforcement/security-group-event.ts';
import { type BusEvent, toBusEvent, toCloudTrailRecord } from '../../src/local/cloudtrail-record.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { Grant } from '../../src/policy/grant.ts';
import type { SecurityGroupRule } from '../../src/policy/vpc/security-group-rule.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { toRevoke } from '../support/examples/to-revoke.ts';
import { UNHURRIED, UNHURRIED_AUDIT } from '../support/examples/unhurried.ts';
import { passTime, type ScheduledAws, startScheduledAws } from '../support/local-aws/scheduled-aws.ts';
import { type Moment, momentOf } from './moments.ts';
import { type Groups, type MadeRule, madeIn, prepare, type Story, take } from './security-group-steps.ts';

/** Lets 10.0.0.0/16 reach `sessions`, and nobody else, or everybody. */
const allowlistOf = (cidr: string) =>
  new CompiledAllowlist({ version: 1, rules: [{ id: 'office', caches: ['sessions'], cidrs: [cidr] }] });
const POLICIES = {
  closed: { allowlist: allowlistOf('10.0.0.0/16'), allowlistSha256: 'closed' },
  open: { allowlist: allowlistOf('0.0.0.0/0'), allowlistSha256: 'open' },
} as const;

/** A call that a person makes for nothing else: with its effect, the allowlist is edited. So each moment is that of a call. */
const EDITING = 'DescribeSecurityGroups';

/** What a guard has in its hands; one that is wrong can have others. */
export interface Guard extends Omit<VpcPorts, 'toRevokeRule'> {
  revokeRule(rule: SecurityGroupRule): Promise<Revoked>;
  readonly read?: (event: ReadSecurityGroupEvent) => ReadSecurityGroupEvent;
  readonly cacheIndex?: (reader: CacheIndexReader) => CacheIndexReader;
  readonly readPolicy?: (read: ReadPolicy) => ReadPolicy;
}

type ReadPolicy = () => Promise<Policy>;

/** @param event what is being delivered; nothing for an audit. */
export type GuardAt = (aws: ScheduledAws, event?: BusEvent) => Guard;

/** A delivery or an audit that came to its end. */
export interface Look {
  /** Which moment it was when it began. */
  readonly began: number;
  /** The rules that its event points to; nothing if it looked at all rules there are. */
  readonly pointsTo?: readonly string[];
  /** Those that it said to have failed, or to hold back. */
  readonly leftStanding: readonly string[];
  /** Whether it took the group for one that guards no cache, by an index that may be a minute old. */
  readonly byKeptIndex: boolean;
}

/** How a story ended. */
export interface Played {
  readonly story: Story;
  readonly aws: ScheduledAws;
  /** How all was in the beginning, and after each call. */
  readonly moments: readonly Moment[];
  readonly looks: readonly Look[];
  /** Which moment it was when each delivery, and the audit, began. */
  readonly began: ReadonlyMap<string, number>;
  /** Whether the allowlist was the open one when somebody decided to revoke a rule, by who and which. */
  readonly decidedWhenOpen: ReadonlyMap<string, boolean>;
  /** One for each delivery. */
  readonly outcomes: readonly { readonly outcome: EventOutcome; readonly error?: unknown }[];
  readonly delivered: number;
}

/** Plays a story in the order that the scheduler thinks of, until everybody has come to an end. */
export async function play(story: Story, scheduler: fc.Scheduler, guardAt: GuardAt): Promise<Played> {
  const moments: Moment[] = [];
  let groups: Groups = { caches: '', other: '' };
  let isOpen = false;
  let toBeOpen = false;
  const decidedWhenOpen = new Map<string, boolean>();
  const readPolicy: ReadPolicy = async () => ({
    ...POLICIES[isOpen ? 'open' : 'closed'],
    mode: 'enforce',
    shared: 'hold',
    mixed: 'hold',
    maxRevocations: 10,
  });
  const aws = await startScheduledAws(scheduler, {
    faults: story.faults,
    settings: { creatingMs: 0, describeLagMs: story.describeLagMs },
    async prepare(made) {
      groups = await prepare(made);
    },
    onCall({ caller, action }) {
      if (caller === 'person' && action === EDITING) isOpen = toBeOpen;
      if (moments.length === 0) return;
      // A call takes its time: what is read after it is read later.
      aws.clock.advance(1);
      moments.push(momentOf(aws, isOpen));
    },
  });
  // What is there from the beginning is old.
  aws.clock.advance(10 * 60_000);
  moments.push(momentOf(aws, isOpen));
  const now = (): Date => new Date(aws.clock.now());
  const cacheIndex = cacheIndexReader(() => guardAt(aws).listCaches(), now);
  const began = new Map<string, number>();
  const looks: Look[] = [];
  const outcomes: Played['outcomes'][number][] = [];
  const deliveries: Promise<void>[] = [];

  function watched(guard: Guard, name: string): Guard & VpcPorts {
    return {
      ...guard,
      toRevokeRule: toRevoke((rule) => {
        decidedWhenOpen.set(`${name} ${rule.securityGroupRuleId}`, isOpen);
        return guard.revokeRule(rule);
      }),
    };
  }

  async function begin(name: string): Promise<number> {
    await scheduler.schedule(Promise.resolve(), `${name} begins`);
    began.set(name, moments.length - 1);
    return moments.length - 1;
  }

  async function deliver(event: BusEvent, name: string): Promise<void> {
    const beginning = await begin(name);
    const guard = watched(guardAt(aws, event), name);
    const { read = (one) => one } = guard;
    const parsed = read(parseSecurityGroupEvent(event));
    const ended = await enforceSecurityGroupEvent(parsed, {
      ...UNHURRIED,
      connect: () => guard,
      cacheIndex: guard.cacheIndex?.(cacheIndex) ?? cacheIndex,
      guardedAccount: ACCOUNT,
      readPolicy: guard.readPolicy?.(readPolicy) ?? readPolicy,
      now,
    });
    outcomes.push(ended);
    const { outcome, grant, grants = [], reason } = ended.outcome;
    const told = grants.length > 0 ? grants : grant === undefined ? [] : [{ grant, outcome }];
    // Without grants, a failure says nothing of any rule.
    if (outcome === 'failed' && told.length === 0) return;
    const leftStanding = told
      .filter((one) => ['failed', 'held'].includes(one.outcome))
      .flatMap((one) => ruleIdOf(one.grant));
    const judged = told.flatMap((one) => ruleIdOf(one.grant));
    const named = parsed.kind === 'rules' ? parsed.securityGroupRuleIds : undefined;
    const pointsTo = outcome === 'failed' ? judged : named;
    looks.push({
      began: beginning,
      ...(pointsTo && { pointsTo }),
      leftStanding,
      byKeptIndex: reason === GUARDS_NO_CACHE,
    });
  }

  async function audit(): Promise<void> {
    const beginning = await begin('audit');
    const guard = watched(guardAt(aws), 'audit');
    const read = guard.readPolicy?.(readPolicy) ?? readPolicy;
    const policy = await read();
    const { places, findings } = await auditOf({
      ...UNHURRIED_AUDIT,
      places: [{ account: ACCOUNT, region: REGION }],
      connect: () => ({
        ...guard,
        // There are no cache security groups in these stories.
        async *listGrants() {},
        toRevokeGrant: toRevoke(async () => ({ result: 'already-gone' })),
      }),
      ...policy,
      confirmPolicy: policyConfirmation(policy, read),
      now,
    });
    if (places[0]?.status !== 'judged') return;
    const leftStanding = findings.filter(({ outcome }) => outcome === 'failed').flatMap(({ grant }) => ruleIdOf(grant));
    looks.push({ began: beginning, leftStanding, byKeptIndex: false });
  }

  async function person(): Promise<void> {
    const rules: MadeRule[] = [];
    for (const step of story.steps) {
      if (step.does === 'allow') {
        toBeOpen = step.open;
        await aws.call(EDITING, {});
        continue;
      }
      const rule = 'which' in step ? rules[step.which] : undefined;
      if ('which' in step && rule === undefined) continue;
      const made = await take(aws, groups, step, rule);
      if (made.error !== undefined || step.does === 'revoke') continue;
      if (step.does === 'authorize') rules.push(madeIn(made));
      const event = toBusEvent(toCloudTrailRecord(made, now()));
      for (let copy = 1; copy <= step.copies; copy++) {
        const name = `delivery ${copy} of call ${made.requestId}`;
        deliveries.push(aws.as(name, () => deliver(event, name)));
      }
    }
  }

  const everybody = Promise.all([aws.as('person', person), aws.as('audit', audit)]).then(() => Promise.all(deliveries));
  await scheduler.waitFor(Promise.all([everybody, passTime(scheduler, aws.clock, everybody)]));
  return { story, aws, moments, looks, began, decidedWhenOpen, outcomes, delivered: deliveries.length };
}

function ruleIdOf(grant: Grant): string[] {
  return grant.kind === 'vpc' ? [grant.target.securityGroupRuleId ?? []].flat() : [];
}
