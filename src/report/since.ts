import type { Finding } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';
import { placeKey } from '../policy/place.ts';
import type { AuditReport } from './audit-report.ts';
import { findingIdOf } from './finding-id.ts';
import { isStanding, verdictOf } from './verdict.ts';
import { count, instant, thousands } from './wording.ts';

/** How a disallowed grant of an earlier audit came to its end. */
export type HowGone = 'removed' | 'revoked' | 'allowed';

/** What is different from an earlier audit, of the disallowed grants that stand. In order of danger. */
export interface Since {
  /** When the earlier audit began, ISO 8601. */
  readonly startedAt: string;
  readonly allowlistChanged: boolean;
  /** They stand now, and did not then. */
  readonly appeared: readonly Finding[];
  /** They stand now; then, not all of their place was evaluated, so no one knows how new they are. */
  readonly perhapsNew: readonly Finding[];
  /** They stood then. As they were then. */
  readonly gone: readonly { readonly finding: Finding; readonly how: HowGone }[];
  /** They stood then; now, not all of their place was evaluated, so no one knows whether they stand. */
  readonly notSeen: readonly Finding[];
  /** How many stood then and stand now. */
  readonly remained: number;
}

/**
 * Compares with the latest of these audits that began before this one; `undefined` if none did. One of other places than those of
 * this audit is taken only if all are.
 */
export function sinceLatest(report: AuditReport, previous: readonly AuditReport[]): Since | undefined {
  const before = previous.filter(({ startedAt }) => startedAt < report.startedAt);
  const places = new Set(report.expected.places.map(placeKey));
  const alike = before.filter(({ expected }) => expected.places.some((place) => places.has(placeKey(place))));
  const earlier = (alike.length > 0 ? alike : before).reduce<AuditReport | undefined>(
    (a, b) => (a !== undefined && a.startedAt >= b.startedAt ? a : b),
    undefined,
  );
  return earlier && since(report, earlier);
}

function since(report: AuditReport, earlier: AuditReport): Since {
  const now = new Map(report.findings.map((one) => [keyOf(one), one]));
  const then = new Set(earlier.findings.filter(isStanding).map(keyOf));
  const [wasEvaluated, isEvaluated] = [evaluatedIn(earlier), evaluatedIn(report)];
  const standing = report.findings.filter(isStanding);
  const fresh = standing.filter((one) => !then.has(keyOf(one)));
  const ended = earlier.findings.filter((one) => {
    const today = now.get(keyOf(one));
    return isStanding(one) && !(today !== undefined && isStanding(today));
  });
  const isKnown = (one: Finding): boolean => now.has(keyOf(one)) || isEvaluated(one.grant);
  return {
    startedAt: earlier.startedAt,
    allowlistChanged: earlier.allowlist.sha256 !== report.allowlist.sha256,
    appeared: fresh.filter(({ grant }) => wasEvaluated(grant)),
    perhapsNew: fresh.filter(({ grant }) => !wasEvaluated(grant)),
    gone: ended.filter(isKnown).map((finding) => ({ finding, how: howGone(now.get(keyOf(finding))) })),
    notSeen: ended.filter((one) => !isKnown(one)),
    remained: standing.length - fresh.length,
  };
}

function howGone(today: Finding | undefined): HowGone {
  if (today === undefined) return 'removed';
  return today.decision.effect === 'allow' ? 'allowed' : 'revoked';
}

function keyOf({ grant }: Finding): string {
  return findingIdOf(grant);
}

/** Whether an audit would have found a grant if it had been there. What was not evaluated says nothing of what is gone. */
function evaluatedIn(report: AuditReport): (grant: Grant) => boolean {
  const open = new Set(verdictOf(report).notJudged.map(placeKey));
  const ended = report.regions.filter(({ status }) => status === 'judged');
  const evaluated = new Set(ended.map(placeKey).filter((place) => !open.has(place)));
  const withCaches = new Set(ended.filter(({ caches }) => caches !== undefined).map(placeKey));
  return (grant) => evaluated.has(placeKey(grant)) && (grant.kind !== 'vpc' || withCaches.has(placeKey(grant)));
}

/** What is different, a sentence each: `Since the audit of 2027-01-31 12:00:05 UTC: 2 new, 1 gone, 192 still stand.` */
export function describeSince(since: Since): string[] {
  const { startedAt, appeared, perhapsNew, gone, notSeen, remained, allowlistChanged } = since;
  // What no one knows stands in the same sentence: "0 new" alone would look clean.
  const counts = [
    `${thousands(appeared.length)} new`,
    ...(perhapsNew.length > 0 ? [`${thousands(perhapsNew.length)} perhaps new`] : []),
    `${thousands(gone.length)} gone`,
    ...(notSeen.length > 0 ? [`${thousands(notSeen.length)} perhaps still there`] : []),
    `${thousands(remained)} still ${remained === 1 ? 'stands' : 'stand'}`,
  ];
  return [
    `Since the audit of ${instant(startedAt)}: ${counts.join(', ')}.`,
    ...(perhapsNew.length > 0
      ? [`${count(perhapsNew.length, 'grant')} may be new: that audit did not evaluate all of the place.`]
      : []),
    ...(notSeen.length > 0
      ? [
          `${count(notSeen.length, 'grant')} of that audit may still stand: this audit did not evaluate all of the place.`,
        ]
      : []),
    ...(allowlistChanged ? ['The allowlist changed in between.'] : []),
  ];
}

/** The lists of what is different, those that are not empty: what each is called, its findings, and what to say of one. */
export function listsOf({ appeared, perhapsNew, gone, notSeen }: Since): SinceList[] {
  const howOf = new Map(gone.map(({ finding, how }) => [finding, how]));
  const lists: SinceList[] = [
    { title: 'New', findings: appeared },
    { title: 'Perhaps new', findings: perhapsNew },
    { title: 'Perhaps still there', findings: notSeen, saysOf: () => 'not evaluated' },
    {
      title: 'Gone',
      findings: gone.map(({ finding }) => finding),
      saysOf: (one) => HOW_GONE[howOf.get(one) ?? 'removed'],
    },
  ];
  return lists.filter(({ findings }) => findings.length > 0);
}

export interface SinceList {
  readonly title: string;
  readonly findings: readonly Finding[];
  /** What is said of a finding in the place of its outcome, which was that of the earlier audit. */
  readonly saysOf?: (finding: Finding) => string;
}

const HOW_GONE: Readonly<Record<HowGone, string>> = {
  removed: 'not there any more',
  revoked: 'revoked',
  allowed: 'allowed now',
};
