import { setTimeout as sleep } from 'node:timers/promises';
import type { Logs } from '../aws/cloudwatch-logs/filter-log-events.ts';
import type { Revocation } from '../aws/revocation.ts';

/** What a decision line says of the rule of a drill. */
export interface SeenDecision {
  readonly outcome: string;
  readonly problem?: string;
  /** Whether the function called EC2 to revoke it: a call that is made twice finds the rule gone. */
  readonly isCalled: boolean;
  readonly eventTime?: Date;
  /** When the line was written. */
  readonly decidedAt: Date;
  /** When the function was started for the event, if the log says so. */
  readonly startedAt?: Date;
}

/** What a drill has seen. */
export interface Seen {
  /** The decision about the rule: that it was revoked, else the last one. */
  readonly decision?: SeenDecision;
  /** Whether EC2 still lists the rule; `undefined` if it did not answer. */
  readonly isListed?: boolean;
  /** How often the function was started meanwhile, for this event or another; `undefined` if the log could not be read. */
  readonly starts?: number;
  /** What could not be asked, the last time. */
  readonly problems: readonly string[];
}

/** What is watched. */
export interface Watched {
  readonly logs: Logs;
  readonly logGroup: string;
  readonly ruleId: string;
  /** When the rule was opened, by the clock here. */
  readonly openedAt: Date;
  readonly isListed: (signal: AbortSignal) => Promise<boolean>;
}

/** How long to wait between two looks. */
const PAUSE_MS = 2_000;
/** By how much the clock here may be ahead of AWS's. */
const CLOCK_SKEW_MS = 300_000;
/** Of a rule there is a line for each cache and each try. */
const MOST_LINES = 200;

/** Outcomes after which the function does no more about a rule. */
const FINAL = ['revoked', 'would-revoke', 'allowed', 'held', 'already-gone'];

/**
 * Looks at the log of the function and at EC2 until the rule was decided and, where it was revoked, is gone; or until the time is up.
 * What cannot be asked is asked again.
 */
export async function watchRule(watched: Watched, timeUp: AbortSignal): Promise<Seen> {
  let seen: Seen = { problems: [] };
  while (!timeUp.aborted) {
    const before = seen;
    const problems: string[] = [];
    const decision = await readDecision(watched, timeUp).catch((error: Error) => {
      problems.push(`the log ${watched.logGroup} could not be read: ${error.name}: ${error.message}`);
      return before.decision;
    });
    const isListed = await watched.isListed(timeUp).catch((error: Error) => {
      problems.push(`EC2 did not list the rules of the group: ${error.name}: ${error.message}`);
      return undefined;
    });
    // What ends because the time is up says nothing.
    if (timeUp.aborted) break;
    seen = { problems, ...(decision && { decision }), ...(isListed !== undefined && { isListed }) };
    if (decision !== undefined && FINAL.includes(decision.outcome)) {
      if (decision.outcome !== 'revoked' || isListed === false) return seen;
    }
    await sleep(PAUSE_MS, undefined, { signal: timeUp }).catch(() => {});
  }
  return { ...seen, ...(await countStarts(watched)) };
}

/** The decision about the rule, with what the log says of its invocation. */
async function readDecision(watched: Watched, signal: AbortSignal): Promise<SeenDecision | undefined> {
  const lines = await find(watched, `"${watched.ruleId}"`, signal);
  const decisions = lines.flatMap(({ message, timestamp }) => {
    const line = parseDecision(message, watched.ruleId);
    return line === undefined ? [] : [{ ...line, decidedAt: timestamp }];
  });
  // An event can come twice: the second time, a rule that was revoked is gone.
  const meant = decisions.find(({ outcome }) => outcome === 'revoked') ?? decisions.at(-1);
  if (meant === undefined) return undefined;
  const { requestId, ...decision } = meant;
  if (requestId === undefined) return decision;
  const [start] = await find(watched, `"START RequestId: ${requestId}"`, signal);
  return { ...decision, ...(start && { startedAt: start.timestamp }) };
}

async function find({ logs, logGroup, openedAt }: Watched, pattern: string, signal?: AbortSignal) {
  const from = new Date(openedAt.getTime() - CLOCK_SKEW_MS);
  return (await logs.filter({ logGroup, from, pattern, most: MOST_LINES }, signal)).lines;
}

async function countStarts(watched: Watched): Promise<Pick<Seen, 'starts'>> {
  try {
    const starts = await find(watched, '"START RequestId"');
    return { starts: starts.filter(({ timestamp }) => timestamp >= watched.openedAt).length };
  } catch {
    // That the log cannot be read is among the problems already, or the next sentence says that it is not known.
    return {};
  }
}

/** How often the rule of a drill is revoked where EC2 does not know it. */
const REVOCATIONS = 5;

/**
 * Revokes the rule of a drill until it is surely gone. EC2 may not know a rule yet that was made a moment ago, and then says that it is
 * gone.
 *
 * @param isKnownGone whether it was seen that someone revoked it.
 * @throws what `revoke` throws.
 */
export async function revokeForSure(
  revoke: () => Promise<Revocation>,
  isKnownGone: boolean,
  pauseMs = PAUSE_MS,
): Promise<Revocation['result']> {
  for (let times = 1; ; times++) {
    const { result } = await revoke();
    if (result === 'revoked' || isKnownGone || times === REVOCATIONS) return result;
    await sleep(pauseMs);
  }
}

interface DecisionLine {
  readonly outcome: string;
  readonly isCalled: boolean;
  readonly problem?: string;
  readonly eventTime?: Date;
  readonly requestId?: string;
}

/**
 * A line of the log, if it is a decision about the rule. One about another rule can have the id in it, in what someone wrote. Any member
 * may be missing: an older version wrote the line.
 */
function parseDecision(text: string, ruleId: string): DecisionLine | undefined {
  let line: Readonly<Record<string, unknown>>;
  try {
    line = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { message, outcome, problem, eventTime, revocationRequestId, function_request_id: requestId } = line;
  if (message !== 'decision' || typeof outcome !== 'string') return undefined;
  const about = (line.grant as { readonly target?: { readonly securityGroupRuleId?: unknown } } | undefined)?.target;
  if (about?.securityGroupRuleId !== undefined && about.securityGroupRuleId !== ruleId) return undefined;
  const time = typeof eventTime === 'string' ? new Date(eventTime) : undefined;
  return {
    outcome,
    isCalled: typeof revocationRequestId === 'string',
    ...(typeof problem === 'string' && { problem }),
    ...(time !== undefined && !Number.isNaN(time.getTime()) && { eventTime: time }),
    ...(typeof requestId === 'string' && /^[\w-]{1,64}$/.test(requestId) && { requestId }),
  };
}
