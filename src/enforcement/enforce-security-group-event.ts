import { CLOUDTRAIL_HEARTBEAT, HEARTBEAT, OUTCOME_SCHEMA_VERSION } from '../policy/outcome.ts';
import { isTooLate } from './deadline.ts';
import { type Ended, type EventOutcome, exposureOf } from './event-outcome.ts';
import { endIfHeartbeatOfMember, endIfNotGuarded } from './guards.ts';
import { lookPlanAct } from './look-plan-act.ts';
import { findPointed } from './pointed.ts';
import type { HowToEnforceSecurityGroups, ReadSecurityGroupEvent } from './security-group-event.ts';

type Enforced = { readonly outcome: EventOutcome; readonly error?: unknown };

/**
 * Judges the rules that an event points to as EC2 says they are now, and does what judgement and mode ask for. Never throws:
 * what failed is an outcome, `failed`, and `error` says why.
 *
 * What an event says of a rule is not looked at: it may have been edited since, or repaired.
 */
export async function enforceSecurityGroupEvent(
  read: ReadSecurityGroupEvent,
  how: HowToEnforceSecurityGroups,
): Promise<Enforced> {
  const { error, ...became } = await lookAndAct(read, how);
  return { outcome: { schemaVersion: OUTCOME_SCHEMA_VERSION, ...became, ...read.call }, error };
}

async function lookAndAct(read: ReadSecurityGroupEvent, how: HowToEnforceSecurityGroups): Promise<Ended> {
  if (read.kind === 'ignored') return { outcome: 'ignored', reason: read.reason };
  if (read.kind === 'rejected') return { outcome: 'rejected', problems: read.problems };
  const notGuarded = endIfNotGuarded('the security group', read.account, how);
  if (notGuarded !== undefined) return notGuarded;
  const isHeartbeat = read.kind === 'heartbeat' || read.kind === 'callHeartbeat';
  const notCounted = isHeartbeat ? endIfHeartbeatOfMember(read.account, how) : undefined;
  if (notCounted !== undefined) return notCounted;
  if (read.kind === 'callHeartbeat') return { outcome: 'ignored', reason: CLOUDTRAIL_HEARTBEAT };
  try {
    if (read.kind === 'heartbeat') {
      // All that it takes to judge must be there, or the heartbeat stays away.
      await Promise.all([how.cacheIndex.read(read, how.timeUp), how.readPolicy()]);
      return { outcome: 'ignored', reason: HEARTBEAT };
    }
    const { pointed, ended } = await findPointed(read, how);
    if (ended !== undefined) return ended;
    return await lookPlanAct(pointed, read, how);
  } catch (cause) {
    const error = isTooLate(how) ? new Error(NO_TIME_TO_LOOK, { cause }) : cause;
    return { outcome: 'failed', error, ...exposureOf(read.call, how.now()) };
  }
}

const NO_TIME_TO_LOOK = 'there was no time left to evaluate it: the event is to be handled again';
