import type { Finding, NotJudged } from '../policy/finding.ts';
import type { Outcome } from '../policy/outcome.ts';
import type { AuditReport } from './audit-report.ts';
import { count, list } from './wording.ts';

/**
 * What an audit comes to:
 *
 * - `standing`: there are disallowed grants that stand
 * - `incomplete`: none is known to stand, but not everything could be judged
 * - `mended`: there were disallowed grants, and none stands any more
 * - `empty`: there was nothing to judge
 * - `clean`: everything was judged, and every grant is allowed. The only one that may look green
 */
export type VerdictKind = 'standing' | 'incomplete' | 'mended' | 'empty' | 'clean';

export interface Verdict {
  readonly kind: VerdictKind;
  readonly complete: boolean;
  readonly headline: string;
  /** What to know beside it, a sentence each. */
  readonly sentences: readonly string[];
  readonly denied: number;
  /** Denied grants that still stand. */
  readonly standing: number;
  readonly notJudged: readonly NotJudged[];
  readonly regions: { readonly expected: number; readonly judged: number; readonly notApplicable: number };
}

const GONE: ReadonlySet<Outcome> = new Set<Outcome>(['revoked', 'already-gone', 'not-applicable']);

/** Denied, and nothing says that it is gone. */
export function isStanding({ decision, outcome, verifiedGone }: Finding): boolean {
  return decision.effect === 'deny' && (!GONE.has(outcome) || verifiedGone === false);
}

export function isDenied({ decision }: Finding): boolean {
  return decision.effect === 'deny';
}

export function verdictOf(report: AuditReport): Verdict {
  const denied = report.findings.filter(isDenied).length;
  const standing = report.findings.filter(isStanding).length;
  const notJudged = allNotJudged(report);
  const complete = report.complete && notJudged.length === 0;
  const withStatus = (status: string) => report.regions.filter((one) => one.status === status).length;
  const regions = {
    expected: report.expected.regions.length,
    judged: withStatus('judged'),
    notApplicable: withStatus('not-applicable'),
  };
  const nothing = report.expected.regions.length === 0 && notJudged.length === 0 && report.findings.length === 0;
  const kind: VerdictKind =
    standing > 0
      ? 'standing'
      : nothing || (complete && denied === 0 && regions.judged === 0)
        ? 'empty'
        : !complete
          ? 'incomplete'
          : denied > 0
            ? 'mended'
            : 'clean';
  return {
    kind,
    complete,
    headline: headlineOf(kind, denied, standing),
    sentences: sentencesOf(report, { kind, denied, notJudged }),
    denied,
    standing,
    notJudged,
    regions,
  };
}

function headlineOf(kind: VerdictKind, denied: number, standing: number): string {
  switch (kind) {
    case 'standing':
      return `${count(standing, 'disallowed grant stands', 'disallowed grants stand')}`;
    case 'incomplete':
      return 'Not everything was judged';
    case 'mended':
      return `${count(denied, 'disallowed grant')} found, none stands any more`;
    case 'empty':
      return 'There was nothing to judge';
    case 'clean':
      return 'Every grant is allowed';
  }
}

function sentencesOf(
  report: AuditReport,
  { kind, denied, notJudged }: { kind: VerdictKind; denied: number; notJudged: readonly NotJudged[] },
): string[] {
  const sentences: string[] = [];
  const outcomes = new Map<string, number>();
  for (const { outcome } of report.findings) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const had = (outcome: Outcome) => outcomes.get(outcome) ?? 0;
  if (had('held') > 0) {
    const limit = report.maxRevocations === null ? 'the limit on revocations' : `the limit of ${report.maxRevocations}`;
    sentences.push(`None was revoked: ${count(had('held'), 'revocation')} would have been more than ${limit}.`);
  }
  if (had('would-revoke') > 0) sentences.push('None was revoked: this audit only reports.');
  if (had('failed') > 0) sentences.push(`${count(had('failed'), 'grant')} could not be revoked.`);
  const unverified = report.findings.filter(({ verifiedGone }) => verifiedGone === false).length;
  if (unverified > 0) sentences.push(`${count(unverified, 'revoked grant')} stood when looked at again.`);
  if (had('revoked') > 0) sentences.push(`${count(had('revoked'), 'grant was', 'grants were')} revoked.`);
  if (kind === 'empty') {
    sentences.push(
      report.expected.regions.length === 0
        ? 'No region was to be looked at.'
        : 'No region has cache security groups: these accounts have no EC2-Classic.',
    );
  }
  if (kind === 'incomplete' && denied === 0) sentences.push('What was judged is allowed.');
  if (notJudged.length > 0 && kind === 'standing') {
    const regions = [...new Set(notJudged.map(({ region }) => region))].sort();
    const where = regions.length > 4 ? count(regions.length, 'region') : list(regions, 'and');
    sentences.push(`Not everything was judged (${where}): there may be more.`);
  }
  return sentences;
}

/** What the report names, and the regions that it should speak of and does not. */
function allNotJudged({ expected, regions, notJudged }: AuditReport): NotJudged[] {
  const spokenOf = new Set(notJudged.map(({ region }) => region));
  const missing = expected.regions.flatMap((region): NotJudged[] => {
    if (spokenOf.has(region)) return [];
    const audited = regions.find((one) => one.region === region);
    if (audited === undefined) return [{ region, what: 'all of it', why: 'the audit did not come to it' }];
    if (audited.status !== 'failed') return [];
    return [{ region, what: 'some of it', why: audited.problem ?? 'no reason was given' }];
  });
  return [...notJudged, ...missing];
}
