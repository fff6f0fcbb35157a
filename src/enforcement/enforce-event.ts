import type { CompiledAllowlist } from '../policy/compile-allowlist.ts';
import { decideClassicGrant } from '../policy/decide-classic-grant.ts';
import type { Decision } from '../policy/decision.ts';
import type { RuleText } from '../policy/finding.ts';
import type { ClassicGrant, Grant } from '../policy/grant.ts';
import type { JudgedGrant } from '../policy/judge-rule.ts';
import { HEARTBEAT, OUTCOME_SCHEMA_VERSION, type Outcome } from '../policy/outcome.ts';
import { enforceGrant, type Mode, type Revoke } from './enforce-grant.ts';
import type { RuleOutcome } from './enforce-rule.ts';

/** What is known of the call that an event tells of. */
export interface Call {
  readonly eventId: string | undefined;
  readonly eventTime: Date | undefined;
  readonly grantedBy: Readonly<Partial<Record<string, string>>>;
}

/** An event, read: the new grant that it tells of, or why it tells of none. */
export type ReadEvent =
  | { readonly kind: 'grant'; readonly grant: ClassicGrant; readonly call: Call }
  /** A synthetic event: judged like a grant, and never acted on. */
  | { readonly kind: 'heartbeat'; readonly grant: ClassicGrant; readonly call: Call }
  | { readonly kind: 'ignored'; readonly reason: string; readonly call: Call }
  | { readonly kind: 'rejected'; readonly problems: readonly string[]; readonly call: Call };

/** What became of one grant of a security group's rule. */
export interface GrantOutcome extends JudgedGrant {
  readonly outcome: RuleOutcome['outcome'];
  /** AWS's id of the Revoke call. */
  readonly revocationRequestId?: string;
  /** With `held` and `failed`: why it stands. */
  readonly problem?: string;
}

/** What became of one event: what the function returns, and what its `decision` log line says. */
export interface EventOutcome extends Call {
  readonly schemaVersion: typeof OUTCOME_SCHEMA_VERSION;
  readonly outcome: Outcome;
  readonly grant?: Grant;
  readonly decision?: Decision;
  readonly mode?: Mode;
  /** Which allowlist it was judged by. */
  readonly allowlistSha256?: string;
  /** Why the event was ignored. */
  readonly reason?: string;
  /** Why the event was rejected. */
  readonly problems?: readonly string[];
  /** AWS's id of the Revoke call. */
  readonly revocationRequestId?: string | undefined;
  /** With `held` and `failed`: why the grant stands. */
  readonly problem?: string;
  /** Of a denied grant of a security group's rule: the rule as it stood, which is what `undo` restores. */
  readonly securityGroupRule?: RuleText;
  readonly remark?: string;
  /** Of an event about several grants, or about what could not be judged as well: each of them. The rest is of the gravest. */
  readonly grants?: readonly GrantOutcome[];
  /** How many more of them there are, where they were too many to hand on: those that are allowed go first. */
  readonly grantsLeftOut?: number;
  /** How long the grant had stood when its outcome was known, in milliseconds. CloudTrail's times are whole seconds. */
  readonly exposureMs?: number;
}

/** What to judge by, and whether to act. */
export interface Policy {
  readonly allowlist: CompiledAllowlist;
  readonly allowlistSha256: string;
  readonly mode: Mode;
}

export interface HowToEnforce {
  /** The account we may act in; `undefined` if nobody said which. */
  readonly guardedAccount: string | undefined;
  /** Throws if there is nothing valid to judge by. */
  readonly readPolicy: () => Promise<Policy>;
  readonly revoke: Revoke;
  readonly now: () => Date;
}

/**
 * Judges the grant that an event tells of and does what the judgement and the mode ask for. Never throws: what failed is
 * an outcome, `failed`, and `error` says why.
 */
export async function enforceEvent(
  read: ReadEvent,
  how: HowToEnforce,
): Promise<{ readonly outcome: EventOutcome; readonly error?: unknown }> {
  const { error, ...became } = await judgeAndAct(read, how);
  return { outcome: { schemaVersion: OUTCOME_SCHEMA_VERSION, ...became, ...read.call }, error };
}

async function judgeAndAct(
  read: ReadEvent,
  how: HowToEnforce,
): Promise<Omit<EventOutcome, keyof Call | 'schemaVersion'> & { readonly error?: unknown }> {
  if (read.kind === 'ignored') return { outcome: 'ignored', reason: read.reason };
  if (read.kind === 'rejected') return { outcome: 'rejected', problems: read.problems };
  const { grant, call } = read;
  if (how.guardedAccount !== undefined && how.guardedAccount !== grant.account) {
    const problem = `the grant is in account ${grant.account}, and this stack guards ${how.guardedAccount}`;
    return { outcome: 'rejected', problems: [problem] };
  }
  const exposure = (): Pick<EventOutcome, 'exposureMs'> => exposureOf(call, how.now());
  let policy: Policy;
  try {
    policy = await how.readPolicy();
  } catch (error) {
    return { outcome: 'failed', grant, ...exposure(), error };
  }
  const { allowlist, allowlistSha256, mode } = policy;
  if (read.kind === 'heartbeat') {
    return {
      outcome: 'ignored',
      reason: HEARTBEAT,
      decision: decideClassicGrant(grant, allowlist, how.now()),
      allowlistSha256,
    };
  }
  const enforcement = await enforceGrant(grant, { allowlist, mode, now: how.now(), revoke: how.revoke });
  return { ...enforcement, mode, allowlistSha256, ...exposure() };
}

/** How long what a call made has stood; nothing if it is not known when the call was made. */
export function exposureOf({ eventTime }: Call, now: Date): Pick<EventOutcome, 'exposureMs'> {
  return eventTime === undefined ? {} : { exposureMs: Math.max(0, now.getTime() - eventTime.getTime()) };
}
