import type { Finding, NotJudged } from '../policy/finding.ts';
import type { Outcome } from '../policy/outcome.ts';
import { placeKey } from '../policy/place.ts';
import { describeNotJudged } from '../policy/target.ts';
import type { AuditReport } from './audit-report.ts';
import { isForEverybody } from './grant-words.ts';
import {
  describeLookedAt,
  describeWithoutEc2Classic,
  isWithoutEc2Classic,
  namePlaces,
  placeWord,
} from './looked-at.ts';
import { describeTargets } from './organization.ts';
import { countRevocations, goesAlong, whyHeld } from './revocations.ts';
import { count, thousands } from './wording.ts';

/**
 * The result of an audit:
 *
 * - `standing`: there are disallowed grants that stand
 * - `incomplete`: none is known to stand, but not everything could be judged
 * - `mended`: there were disallowed grants, and none stands any more
 * - `empty`: everything was looked at, and there was no grant to judge. That says nothing of the allowlist, so it is not green
 * - `clean`: everything was judged, and every grant is allowed. The only one that may look green
 */
export type VerdictKind = 'standing' | 'incomplete' | 'mended' | 'empty' | 'clean';

export interface Verdict {
  readonly kind: VerdictKind;
  readonly complete: boolean;
  readonly headline: string;
  /** What to know in addition, a sentence each. */
  readonly sentences: readonly string[];
  readonly denied: number;
  /** Denied grants that still stand. */
  readonly standing: number;
  /** The end of the headline that says how many of these are open to everybody; empty if none does. */
  readonly openToEverybody: string;
  /** No grant was judged, for whatever reason: then no number says anything of grants, not even 0. */
  readonly nothingJudged: boolean;
  readonly notJudged: readonly NotJudged[];
  readonly regions: { readonly expected: number; readonly judged: number; readonly withoutEc2Classic: number };
}

const GONE: ReadonlySet<Outcome> = new Set<Outcome>(['revoked', 'already-gone', 'not-applicable']);

/** Denied itself, and nothing says that it is gone. */
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
  const regions = {
    expected: report.expected.places.length,
    judged: report.regions.filter(({ status }) => status === 'judged').length,
    withoutEc2Classic: report.regions.filter(isWithoutEc2Classic).length,
  };
  const nothingThere = report.findings.length === 0;
  const nothingExpected = report.expected.places.length === 0 && notJudged.length === 0;
  const kind: VerdictKind =
    standing > 0
      ? 'standing'
      : nothingThere && (complete || nothingExpected)
        ? 'empty'
        : !complete
          ? 'incomplete'
          : denied > 0
            ? 'mended'
            : 'clean';
  const openToEverybody = describeOpen(report, standing);
  return {
    kind,
    complete,
    headline: `${headlineOf(kind, report, standing)}${openToEverybody === '' ? '' : `, ${openToEverybody}`}`,
    openToEverybody,
    sentences: sentencesOf(report, { kind, denied, notJudged }),
    denied,
    standing,
    nothingJudged: nothingThere,
    notJudged,
    regions,
  };
}

function headlineOf(kind: VerdictKind, { findings }: AuditReport, standing: number): string {
  switch (kind) {
    case 'standing':
      return `${count(standing, 'disallowed grant stands', 'disallowed grants stand')}`;
    case 'incomplete':
      return findings.length === 0 ? NOTHING_JUDGED : 'Not everything was evaluated';
    case 'mended':
      return `${count(findings.filter(isDenied).length, 'disallowed grant')} found, none stands any more`;
    case 'empty':
      return NOTHING_JUDGED;
    case 'clean':
      return 'Every grant is allowed';
  }
}

const NOTHING_JUDGED = 'Nothing was evaluated';

/** `2 of them open to everybody` */
function describeOpen({ findings }: AuditReport, standing: number): string {
  const open = findings.filter((one) => isStanding(one) && isForEverybody(one.grant)).length;
  if (open === 0) return '';
  if (open < standing) return `${thousands(open)} of them open to everybody`;
  return standing === 1 ? 'open to everybody' : 'all of them open to everybody';
}

function sentencesOf(
  report: AuditReport,
  { kind, denied, notJudged }: { kind: VerdictKind; denied: number; notJudged: readonly NotJudged[] },
): string[] {
  const { findings, maxRevocations } = report;
  const sentences = describeTargets(report);
  const had = (outcome: Outcome) => findings.filter((one) => isDenied(one) && one.outcome === outcome).length;
  const held = countRevocations(findings.filter((one) => whyHeld(one) === 'limit'));
  if (held > 0) {
    const limit = maxRevocations === null ? 'the limit on revocations' : `the limit of ${maxRevocations}`;
    sentences.push(`None was revoked: ${count(held, 'revocation')} would have been more than ${limit}.`);
  }
  const shared = countRevocations(findings.filter((one) => whyHeld(one) === 'shared'));
  if (shared > 0) {
    const its = shared === 1 ? 'its group guards' : 'their groups guard';
    sentences.push(
      `${count(shared, 'security group rule is', 'security group rules are')} held: ${its} more than caches.`,
    );
  }
  const mixed = countRevocations(findings.filter((one) => whyHeld(one) === 'mixed'));
  if (mixed > 0) {
    const it = mixed === 1 ? 'it also gives' : 'they also give';
    sentences.push(
      `${count(mixed, 'security group rule is', 'security group rules are')} held: ${it} access that the allowlist allows.`,
    );
  }
  const goneName = countRevocations(findings.filter((one) => whyHeld(one) === 'gone-name'));
  if (goneName > 0) {
    const it = goneName === 1 ? 'it' : 'them';
    sentences.push(
      `${count(goneName, 'security group rule is', 'security group rules are')} held: the allowlist would allow ${it} for a cache that no longer exists.`,
    );
  }
  const open = findings.filter((one) => whyHeld(one) === 'public').length;
  if (open > 0) {
    sentences.push(`${count(open, 'public endpoint is', 'public endpoints are')} held: no call takes one away.`);
  }
  if (had('would-revoke') > 0) sentences.push('None was revoked: this audit only reports.');
  if (had('failed') > 0) sentences.push(`${count(had('failed'), 'grant')} could not be revoked.`);
  const unverified = findings.filter((one) => isDenied(one) && one.verifiedGone === false).length;
  if (unverified > 0) sentences.push(`${count(unverified, 'revoked grant')} stood when looked at again.`);
  if (had('revoked') > 0) sentences.push(`${count(had('revoked'), 'grant was', 'grants were')} revoked.`);
  const along = findings.filter((one) => goesAlong(one) && one.outcome === 'revoked').length;
  if (along > 0)
    sentences.push(`${count(along, 'allowed grant')} went with them, being of the same security group rule.`);
  if (kind === 'empty') return [...sentences, ...describeNothing(report)];
  if (kind === 'incomplete' && denied === 0 && findings.length > 0) sentences.push('What was evaluated is allowed.');
  const isSaid = sentences.length > 0 && report.targets?.some(({ status }) => status === 'not-judged') === true;
  if (notJudged.length > 0 && kind === 'standing' && !isSaid) {
    sentences.push(`Not everything was evaluated (${namePlaces(notJudged, report)}): there may be more.`);
  }
  const seen = describeLookedAt(report);
  const without = describeWithoutEc2Classic(report);
  if (seen !== '') sentences.push(`Looked at ${seen}${without === '' ? '' : `; no EC2-Classic in ${without}`}.`);
  return sentences;
}

function describeNothing(report: AuditReport): string[] {
  if (report.expected.places.length === 0) return ['No region was to be looked at.'];
  const { caches, cacheSecurityGroups } = report.counts;
  if ((caches ?? 0) + cacheSecurityGroups > 0) {
    return [
      `Looked at ${describeLookedAt(report)}: there is no grant on ${(caches ?? 0) + cacheSecurityGroups === 1 ? 'it' : 'any of them'}.`,
    ];
  }
  if (caches !== undefined) return [`No ${placeWord(report)} has a cache or a cache security group.`];
  const why = report.regions.every(isWithoutEc2Classic) ? ': these accounts have no EC2-Classic' : '';
  return [`No region has cache security groups${why}.`, 'Caches were not looked at.'];
}

/** What the report names, and the places that it should speak of and does not. */
function allNotJudged({ expected, regions, notJudged, targets = [] }: AuditReport): NotJudged[] {
  const spokenOf = new Set(notJudged.map(placeKey));
  const auditOf = new Map(regions.map((one) => [placeKey(one), one]));
  const missing = expected.places.flatMap((place): NotJudged[] => {
    if (spokenOf.has(placeKey(place))) return [];
    const audited = auditOf.get(placeKey(place));
    if (audited === undefined) return [{ ...place, what: 'all of it', why: 'the audit did not come to it' }];
    if (audited.status !== 'failed') return [];
    return [{ ...place, what: 'some of it', why: audited.problem ?? 'no reason was given' }];
  });
  const named = new Set([...spokenOf, ...missing.map(placeKey)]);
  const others = targets.flatMap((target): NotJudged[] => {
    if (target.status !== 'not-judged' || named.has(placeKey(target))) return [];
    const { account, region, why, detail } = target;
    return [{ account, region, what: 'all of it', why: describeNotJudged(why, detail) }];
  });
  return [...notJudged, ...missing, ...others];
}
