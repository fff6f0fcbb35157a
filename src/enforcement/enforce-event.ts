import { decideClassicGrant } from '../policy/classic/decide.ts';
import type { ClassicGrant } from '../policy/classic/grant.ts';
import { HEARTBEAT, OUTCOME_SCHEMA_VERSION } from '../policy/outcome.ts';
import { act } from './act.ts';
import { policyConfirmation } from './confirm-policy.ts';
import type { Deadline } from './deadline.ts';
import {
  type Ended,
  type EventOutcome,
  exposureOf,
  type Policy,
  type RecordedCall,
  type Reporter,
} from './event-outcome.ts';
import { endIfHeartbeatOfMember, endIfNotGuarded, type Guards } from './guards.ts';
import { seeGrant } from './look/see-grant.ts';
import { planRevocations, settledOf } from './plan.ts';
import type { ClassicPorts } from './ports.ts';

/** An event, read: the new grant that it reports, or why it reports none. */
export type ReadEvent =
  | { readonly kind: 'grant'; readonly grant: ClassicGrant; readonly call: RecordedCall }
  /** A synthetic event: judged like a grant, and never acted on. */
  | { readonly kind: 'heartbeat'; readonly grant: ClassicGrant; readonly call: RecordedCall }
  | { readonly kind: 'ignored'; readonly reason: string; readonly call: RecordedCall }
  | { readonly kind: 'rejected'; readonly problems: readonly string[]; readonly call: RecordedCall };

export interface HowToEnforce extends Deadline, Guards {
  /** Throws if there is nothing valid to judge by. */
  readonly readPolicy: () => Promise<Pick<Policy, 'allowlist' | 'allowlistSha256' | 'mode'>>;
  readonly toRevokeGrant: ClassicPorts['toRevokeGrant'];
  /** A grant that failed is reported by who takes the error. */
  readonly reporter: Reporter;
}

/**
 * Judges the grant that an event reports and does what the judgement and the mode ask for. Never throws: what failed is
 * an outcome, `failed`, and `error` says why.
 */
export async function enforceEvent(
  read: ReadEvent,
  how: HowToEnforce,
): Promise<{ readonly outcome: EventOutcome; readonly error?: unknown }> {
  const { error, ...ended } = await judgeAndAct(read, how);
  return { outcome: { schemaVersion: OUTCOME_SCHEMA_VERSION, ...ended, ...read.call }, error };
}

async function judgeAndAct(read: ReadEvent, how: HowToEnforce): Promise<Ended> {
  if (read.kind === 'ignored') return { outcome: 'ignored', reason: read.reason };
  if (read.kind === 'rejected') return { outcome: 'rejected', problems: read.problems };
  const { grant, call } = read;
  const notGuarded = endIfNotGuarded('the grant', grant.account, how);
  if (notGuarded !== undefined) return notGuarded;
  const notCounted = read.kind === 'heartbeat' ? endIfHeartbeatOfMember(grant.account, how) : undefined;
  if (notCounted !== undefined) return notCounted;
  try {
    const policy = await how.readPolicy();
    const { allowlistSha256 } = policy;
    if (read.kind === 'heartbeat') {
      const decision = decideClassicGrant(grant, policy.allowlist, how.now());
      return { outcome: 'ignored', reason: HEARTBEAT, decision, allowlistSha256 };
    }
    const became = await enforceGrant(grant, policy, how);
    const ended = { ...became, mode: policy.mode, allowlistSha256, ...exposureOf(call, how.now()) };
    if (ended.outcome !== 'failed') {
      await how.reporter.reportGrant({ schemaVersion: OUTCOME_SCHEMA_VERSION, ...ended, ...call });
    }
    return ended;
  } catch (error) {
    return { outcome: 'failed', grant, ...exposureOf(call, how.now()), error };
  }
}

async function enforceGrant(
  grant: ClassicGrant,
  policy: Awaited<ReturnType<HowToEnforce['readPolicy']>>,
  how: HowToEnforce,
): Promise<Ended> {
  const { allowlist, mode } = policy;
  // The event has no status, and one grant is no fleet.
  const seen = seeGrant(grant, 'authorizing', allowlist, how.now());
  const plan = planRevocations([seen], { mode, mixed: 'hold', maxRevocations: Number.POSITIVE_INFINITY });
  const howToAct = { ...how, confirmPolicy: policyConfirmation(policy, how.readPolicy) };
  const settled = settledOf(seen, plan) ?? (await act(seen, how, howToAct));
  // What depends on something unknown is not decided.
  return { ...settled, grant, ...(seen.unknown === undefined && { decision: seen.grants[0].decision }) };
}
