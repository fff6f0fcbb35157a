import { styleText } from 'node:util';
import type { Finding } from '../policy/finding.ts';
import { printable } from '../policy/quote.ts';
import type { AuditReport } from './audit-report.ts';
import { type Cause, groupByCause, splitOffOpen } from './causes.ts';
import { grantHeads, grantWords, isForEverybody, remarksOn } from './grant-words.ts';
import { placeNamer, placeWord } from './looked-at.ts';
import { describeMakers, describeWhoMade } from './made-by-words.ts';
import {
  accountNames,
  describeAccount,
  describeTargetCounts,
  notEvaluatedGroups,
  notJudgedBesideGroups,
  notWatchedGroups,
  type TargetGroup,
} from './organization.ts';
import { describeSince, listsOf, type Since, type SinceList, sinceLatest } from './since.ts';
import { indent, type Paint, table } from './text-table.ts';
import { type Verdict, type VerdictKind, verdictOf } from './verdict.ts';
import { whatToDo } from './what-to-do.ts';
import { count, duration, instant, list, thousands } from './wording.ts';

/** How many grants of a cause, and how many causes, a terminal is given. The other forms have them all. */
const MOST_GRANTS = 20;
const MOST_CAUSES = 10;
const MOST_REMARKS = 3;
const MOST_NOT_JUDGED = 20;
const MOST_ACCOUNTS = 20;
const MOST_RULES = 20;
const NARROWEST = 40;

/**
 * The report for a terminal: the verdict first, then what to do something about.
 *
 * @param previous earlier reports: the latest is compared with.
 */
export function toTerminalText(
  report: AuditReport,
  {
    colour,
    width,
    previous = [],
  }: { readonly colour: boolean; readonly width: number; readonly previous?: readonly AuditReport[] },
): string {
  // Only the caller knows whether to use colour; without `validateStream` the environment would decide.
  const paint: Paint = (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
  const verdict = verdictOf(report);
  const columns = Math.max(width, NARROWEST);
  const [open, others] = splitOffOpen(groupByCause(report.findings));
  const since = sinceLatest(report, previous);
  const sections = [
    head(verdict, report, since, paint),
    ...open.map((cause) => causeSection(cause, report, columns, paint)),
    ...notEvaluatedGroups(report).map((group) => targetGroup('Not evaluated', group, paint)),
    notJudged(verdict, report, columns, paint),
    ...notWatchedGroups(report).map((group) => targetGroup('Events not watched', group, paint)),
    ...others.slice(0, MOST_CAUSES).map((cause) => causeSection(cause, report, columns, paint)),
    others.length > MOST_CAUSES
      ? `and ${count(others.length - MOST_CAUSES, 'more cause')}; the other forms have them all`
      : '',
    ...(since === undefined ? [] : listsOf(since).map((list) => sinceSection(list, since, report, columns, paint))),
    rules(report, paint),
    provenance(report),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

const STYLES: Readonly<
  Record<VerdictKind, { readonly sign: string; readonly style: Parameters<typeof styleText>[0] }>
> = {
  standing: { sign: '✗', style: ['bold', 'red'] },
  incomplete: { sign: '?', style: ['bold', 'yellow'] },
  mended: { sign: '!', style: ['bold', 'yellow'] },
  empty: { sign: '-', style: 'bold' },
  clean: { sign: '✓', style: ['bold', 'green'] },
};

function head(verdict: Verdict, report: AuditReport, since: Since | undefined, paint: Paint): string {
  const { counts } = report;
  const place = placeWord(report);
  const { sign, style } = STYLES[verdict.kind];
  const { regions } = verdict;
  const facts = [
    // A 0 would read as if grants had been judged.
    `${verdict.nothingJudged ? '-' : thousands(verdict.denied)} disallowed`,
    `${thousands(verdict.notJudged.length)} not evaluated`,
    `${verdict.nothingJudged ? '-' : thousands(counts.judged)} of ${count(counts.grants, 'grant')} evaluated`,
    `${regions.judged} of ${count(regions.expected, place)} evaluated`,
    ...(regions.withoutEc2Classic > 0 ? [`${count(regions.withoutEc2Classic, place)} without EC2-Classic`] : []),
  ];
  const compared = since === undefined ? [] : describeSince(since);
  const sentences = [verdict.headline, ...verdict.sentences, ...compared].map((text) => printable(text, 1000));
  return [paint(style, `${sign} ${sentences[0]}`), ...sentences.slice(1), facts.join(' · ')].join('\n');
}

/** Targets of an organization that have one thing wrong with them: how many, why, in which accounts, and what to do. */
function targetGroup(what: string, group: TargetGroup, paint: Paint): string {
  const { title, remedy, targets, accounts, details } = group;
  const shown = accounts.slice(0, MOST_ACCOUNTS).map((one) => printable(describeAccount(one), 100));
  const more = accounts.length - shown.length;
  const size = `${count(targets.length, 'place')} in ${count(accounts.length, 'account')}`;
  return [
    `${paint('bold', `${what}: ${size}`)}, because ${title}`,
    `  ${[...shown, ...(more > 0 ? [`and ${thousands(more)} more`] : [])].join(', ')}`,
    ...details.map((detail) => `  Answer: ${printable(detail, 300)}`),
    `${paint('bold', 'Do')}: ${remedy}`,
  ].join('\n');
}

function notJudged({ notJudged: all }: Verdict, report: AuditReport, width: number, paint: Paint): string {
  const notJudged = notJudgedBesideGroups(all, report);
  if (notJudged.length === 0) return '';
  const nameOf = placeNamer(report);
  const rows = notJudged.slice(0, MOST_NOT_JUDGED).map(({ what, why, ...place }) => [nameOf(place), what, why]);
  const more = notJudged.length - rows.length;
  return [
    paint('bold', `Not evaluated: ${thousands(notJudged.length)}`),
    table([placeWord(report), 'what', 'why'], rows, width, paint),
    ...(more > 0 ? [`and ${thousands(more)} more`] : []),
  ].join('\n');
}

function causeSection(cause: Cause, report: AuditReport, width: number, paint: Paint): string {
  const shown = cause.findings.slice(0, MOST_GRANTS);
  const more = cause.findings.length - shown.length;
  const grants = count(cause.findings.length, 'grant');
  const where = onlyPlace(cause.findings);
  return [
    `${paint('bold', `${printable(cause.title, 400)}: ${grants}`)}${cause.standing > 0 ? '' : ', none stands'}${where === undefined ? '' : ` (${where})`}`,
    grantTable(shown, { withPlace: where === undefined, report, width, paint }),
    ...(more > 0 ? [`and ${thousands(more)} more`] : []),
    ...notesOn(shown),
    ...whatToDo(cause, report).flatMap(({ when, text, paste }) => [
      `${paint('bold', when)}: ${printable(text, 1000)}`,
      ...(paste === undefined ? [] : [indent(pasteable(paste.text))]),
    ]),
  ].join('\n');
}

function sinceSection(
  { title, findings, saysOf }: SinceList,
  { startedAt }: Since,
  report: AuditReport,
  width: number,
  paint: Paint,
): string {
  const shown = findings.slice(0, MOST_GRANTS);
  const more = findings.length - shown.length;
  const where = onlyPlace(findings);
  return [
    `${paint('bold', `${title} since ${instant(startedAt)}: ${count(findings.length, 'grant')}`)}${where === undefined ? '' : ` (${where})`}`,
    grantTable(shown, { withPlace: where === undefined, report, width, paint, saysOf }),
    ...(more > 0 ? [`and ${thousands(more)} more`] : []),
  ].join('\n');
}

/** Where all of these grants are, if that is one place: then it need not be said of each. */
function onlyPlace(findings: readonly Finding[]): string | undefined {
  const places = new Set(findings.map(({ grant: { account, region } }) => `${account}, ${region}`));
  return places.size === 1 ? printable([...places][0] as string, 200) : undefined;
}

interface HowToShow {
  readonly withPlace: boolean;
  readonly report: AuditReport;
  readonly width: number;
  readonly paint: Paint;
  /** What is said of a grant in the place of its outcome. */
  readonly saysOf?: SinceList['saysOf'] | undefined;
}

function grantTable(findings: readonly Finding[], { withPlace, report, width, paint, saysOf }: HowToShow): string {
  const names = accountNames(report);
  const withProblem =
    saysOf === undefined && findings.some(({ grant, problem }) => problem !== undefined && grant.kind !== 'vpc');
  const { target, source, withOwner, isMixed } = grantHeads(findings);
  const rows = findings.map((finding) => {
    const { grant, outcome, problem, verifiedGone } = finding;
    const words = grantWords(grant);
    const description = finding.securityGroupRule?.description;
    const below = words.rule ?? (isMixed ? words.targetKind : undefined);
    return [
      [
        words.target,
        ...(below === undefined ? [] : [below]),
        ...(description === undefined ? [] : [`"${description}"`]),
      ],
      `${words.source}${isForEverybody(grant) ? ' (everybody)' : ''}`,
      ...(withOwner ? [words.owner] : []),
      ...(withPlace ? [accountCell(grant.account, names), grant.region] : []),
      saysOf !== undefined
        ? saysOf(finding)
        : verifiedGone === undefined
          ? outcome
          : `${outcome}, ${verifiedGone ? 'seen gone' : 'still there'}`,
      ...(withProblem ? [problem ?? ''] : []),
    ];
  });
  const heads = [
    target.replace('security group', 'security\ngroup'),
    source.replace('security group', 'security\ngroup'),
    ...(withOwner ? ['its owner'] : []),
    ...(withPlace ? ['account', 'region'] : []),
    'outcome',
    ...(withProblem ? ['problem'] : []),
  ];
  return table(heads, rows, width, paint);
}

function accountCell(account: string, names: ReadonlyMap<string, string>): string[] {
  const name = names.get(account);
  return name === undefined ? [account] : [account, name];
}

/** What went wrong with rules, and what is worth knowing of them: next to their ids there is no room for it. */
function notesOn(findings: readonly Finding[]): string[] {
  const problems = findings.flatMap(({ grant, problem }) =>
    problem !== undefined && grant.kind === 'vpc'
      ? `${grant.target.securityGroupRuleId ?? grant.target.cacheName}: ${problem}`
      : [],
  );
  const remarks = remarksOn(findings);
  const more = remarks.length - MOST_REMARKS;
  return [
    // Not cut: who made it is at the end.
    ...describeMakers(findings).map((maker) => printable(maker, 1000)),
    ...[...new Set(problems), ...remarks.slice(0, MOST_REMARKS)].map((note) => printable(note, 400)),
    ...(more > 0 ? [`and ${count(more, 'more remark')}`] : []),
  ];
}

function rules({ expiringRules, unusedRules, warnings = [] }: AuditReport, paint: Paint): string {
  const expiring = expiringRules.map(
    ({ rule, expires, expired }) => `${rule} ${expired ? 'expired' : 'expires'} on ${expires}`,
  );
  const gone = warnings.map(({ text }) => text);
  return [
    ruleList('Names that no cache has any more', gone, paint),
    ruleList('Rules that expire soon, or have expired', expiring, paint),
    ruleList('Rules that allowed nothing', unusedRules, paint),
  ]
    .filter((section) => section !== '')
    .join('\n\n');
}

function ruleList(title: string, rules: readonly string[], paint: Paint): string {
  if (rules.length === 0) return '';
  const shown = rules.slice(0, MOST_RULES).map((rule) => `  ${printable(rule, 400)}`);
  const more = rules.length - shown.length;
  return [paint('bold', title), ...shown, ...(more > 0 ? [`and ${thousands(more)} more`] : [])].join('\n');
}

function provenance(report: AuditReport): string {
  const { tool, mode, maxRevocations, allowlist, startedAt, durationMs, apiCalls, expected } = report;
  const calls = Object.entries(apiCalls).map(([operation, times]) => `${thousands(times)} ${operation}`);
  const limit = maxRevocations === null ? 'no limit on revocations' : `at most ${count(maxRevocations, 'revocation')}`;
  return [
    `${tool.name} ${printable(tool.version, 40)}, mode ${mode}, ${limit}`,
    `started ${instant(startedAt)}, took ${duration(durationMs)}, calls: ${printable(list(calls, 'and') || 'none', 400)}`,
    report.targets === undefined
      ? `${placeWord(report)}s: ${printable(expected.places.map(placeNamer(report)).join(', ') || 'none', 2000)}`
      : `organization ${printable(report.organization ?? 'without a known id', 64)}, ${describeTargetCounts(report)}`,
    ...describeWhoMade(report).map((sentence) => printable(sentence, 600)),
    `allowlist: ${count(allowlist.rules, 'rule')}, sha256 ${printable(allowlist.sha256, 64)}`,
  ].join('\n');
}

/** Names that no terminal should be given come out as `?`: then it is no command to paste, but a list to look at. */
function pasteable(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, 10_000))
    .join('\n');
}
