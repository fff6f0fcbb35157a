import * as z from 'zod/mini';
import type { LogLine } from '../aws/cloudwatch-logs/filter-log-events.ts';
import { describeGrant, type Grant } from '../policy/grant.ts';
import { outcomeSchema } from '../report/outcome-schema.ts';

/** A grant that stands though it was denied, or that could not be evaluated. */
export interface Standing {
  readonly outcome: 'held' | 'failed' | 'rejected';
  /** Which grant, in words; of an event without one, which event. */
  readonly what: string;
  readonly why: string;
  /** How many decisions of that time say so. */
  readonly times: number;
  /** When the last of them was written. */
  readonly last: Date;
}

/** How long revoked grants had stood, in milliseconds. */
export interface Exposure {
  readonly grants: number;
  readonly p50: number;
  readonly p99: number;
}

/** What the decision lines of a time say. */
export interface Decided {
  /** The last one first. */
  readonly standing: readonly Standing[];
  /** `undefined` if no grant was revoked of which it is known. */
  readonly exposure: Exposure | undefined;
  /** How many lines could not be read: another version wrote them. */
  readonly unreadable: number;
}

type Outcome = z.infer<typeof outcomeSchema>;

/**
 * What decision lines say of grants that are held, failed or rejected. Only the last decision about a grant counts: one that failed and
 * was revoked by the next try does not stand.
 *
 * @param lines of any functions, in any order.
 */
export function readDecisions(lines: readonly LogLine[]): Decided {
  const read = lines.map(({ message, timestamp }) => ({ timestamp, decision: parse(message) }));
  const decisions = read
    .flatMap(({ timestamp, decision }) => (decision === undefined ? [] : [{ timestamp, decision }]))
    .toSorted((one, other) => one.timestamp.getTime() - other.timestamp.getTime());
  const byGrant = Map.groupBy(decisions, ({ decision }) => keyOf(decision));
  const standing = [...byGrant.values()].flatMap((all): Standing[] => {
    const last = all.at(-1) as (typeof all)[number];
    const { outcome } = last.decision;
    if (outcome !== 'held' && outcome !== 'failed' && outcome !== 'rejected') return [];
    const times = all.filter(({ decision }) => decision.outcome === outcome).length;
    return [{ outcome, what: whatOf(last.decision), why: whyOf(last.decision), times, last: last.timestamp }];
  });
  const exposures = decisions.flatMap(({ decision: { outcome, exposureMs } }) =>
    outcome === 'revoked' && exposureMs !== undefined ? [exposureMs] : [],
  );
  return {
    standing: standing.toSorted((one, other) => other.last.getTime() - one.last.getTime()),
    exposure: toExposure(exposures),
    unreadable: read.length - decisions.length,
  };
}

function parse(message: string): Outcome | undefined {
  let line: unknown;
  try {
    line = JSON.parse(message);
  } catch {
    // It is counted.
    return undefined;
  }
  return z.safeParse(outcomeSchema, line).data;
}

/** A rule of a security group has a separate id, by which its ports and its source do not matter. */
function keyOf({ grant, eventId }: Outcome): string {
  if (grant === undefined) return JSON.stringify(['event', eventId]);
  const { kind, account, region, target, source } = grant as Grant;
  const which =
    'securityGroupRuleId' in target && target.securityGroupRuleId !== undefined
      ? [target.securityGroupRuleId, target.cacheName]
      : [target, source];
  return JSON.stringify([kind, account, region, which]);
}

function whatOf({ grant, eventId }: Outcome): string {
  return grant === undefined ? `event ${eventId ?? 'without an id'}` : describeGrant(grant as Grant);
}

function whyOf({ problem, problems = [], decision, heldBecause }: Outcome): string {
  const because = decision?.effect === 'deny' ? decision.reasons[0]?.text : undefined;
  return problem || problems.join('; ') || heldBecause || because || 'the decision does not say why';
}

/** By the nearest rank. */
function toExposure(all: readonly number[]): Exposure | undefined {
  if (all.length === 0) return undefined;
  const sorted = all.toSorted((one, other) => one - other);
  const percentile = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] as number;
  return { grants: all.length, p50: percentile(0.5), p99: percentile(0.99) };
}
