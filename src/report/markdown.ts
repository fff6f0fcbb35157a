import { markdownTable } from 'markdown-table';
import type { Finding } from '../policy/finding.ts';
import type { AuditReport } from './audit-report.ts';
import { groupByCause, splitOffOpen } from './causes.ts';
import { grantHeads, grantWords, isForEverybody } from './grant-words.ts';
import { placeNamer, placeWord } from './looked-at.ts';
import { describeMadeBy, describeWhoMade } from './made-by-words.ts';
import { codeBlock, codeSpan, plainText, sentenceText } from './markdown-text.ts';
import {
  describeAccount,
  notEvaluatedGroups,
  notJudgedBesideGroups,
  notWatchedGroups,
  type TargetGroup,
} from './organization.ts';
import { describeSince, listsOf, type SinceList, sinceLatest } from './since.ts';
import { isDenied, type VerdictKind, verdictOf } from './verdict.ts';
import { whatToDo } from './what-to-do.ts';
import { capital, count, instant, OUTCOME_WORDS, thousands, visible } from './wording.ts';

/**
 * The most characters that are written. GitHub takes 65,536 characters in a comment and 1 MiB in a job summary, and refuses what is
 * longer, as a whole. Some room is left for what a workflow writes around it.
 */
export const MOST_CHARACTERS = 60_000;
/** What the parts before the table of all disallowed grants may take together, so that this table has room. */
const MOST_BEFORE_TABLE = 40_000;
const LONGEST_VALUE = 255;
const LONGEST_SENTENCE = 600;
const LONGEST_COMMANDS = 4_000;
const MOST_IN_A_LIST = 20;

/**
 * The report in GitHub's Markdown, for a pull request or the summary of a job: the verdict, what is open to everybody, what was not
 * judged, then the disallowed grants in order of danger. Values from outside are code, so that none of them is markup, a mention or a link.
 *
 * @param previous earlier reports: the latest is compared with.
 * @returns at most `MOST_CHARACTERS`: what is left out is said, with where it is.
 */
export function toMarkdown(report: AuditReport, { previous }: { readonly previous: readonly AuditReport[] }): string {
  const verdict = verdictOf(report);
  const since = sinceLatest(report, previous);
  const [open] = splitOffOpen(groupByCause(report.findings));
  const openTo = new Set(open.flatMap(({ findings }) => findings));
  const others = report.findings.filter((one) => isDenied(one) && !openTo.has(one));
  const end = provenance(report);
  const page = new Page(MOST_BEFORE_TABLE);
  page.add(`### ${SIGNS[verdict.kind]} ${plainText(verdict.headline)}`);
  const sentences = [...verdict.sentences, ...(since === undefined ? [] : describeSince(since))];
  page.add(sentences.map((text) => sentenceText(cut(text, LONGEST_SENTENCE))).join(' '));
  page.add(figures(report));
  for (const cause of open) {
    page.add(`#### ${plainText(cause.title)} (${thousands(cause.findings.length)})`);
    page.addTable(grantRows(cause.findings, report));
    for (const { when, text, paste } of whatToDo(cause, report)) {
      if (paste?.kind !== 'shell' || paste.text.length > LONGEST_COMMANDS) continue;
      page.add(`**${plainText(when)}**: ${sentenceText(cut(text, LONGEST_SENTENCE))}`);
      page.add(codeBlock('sh', paste.text.split('\n').map(visible).join('\n')));
    }
  }
  notJudgedParts(report, page);
  for (const list of since === undefined ? [] : listsOf(since)) {
    page.add(
      `#### ${plainText(list.title)} since ${plainText(instant(since?.startedAt ?? ''))} (${thousands(list.findings.length)})`,
    );
    page.addTable(grantRows(list.findings.slice(0, MOST_IN_A_LIST), report, list.saysOf), list.findings.length);
  }
  page.allow(MOST_CHARACTERS - end.length - 2);
  if (others.length > 0) {
    page.add(`#### ${openTo.size > 0 ? 'Disallowed as well' : 'Disallowed'} (${thousands(others.length)})`);
    page.addTable(grantRows(others, report));
  }
  return `${page.text}${end}\n`;
}

const SIGNS: Readonly<Record<VerdictKind, string>> = {
  standing: '✗',
  incomplete: '?',
  mended: '!',
  empty: '–',
  clean: '✓',
};

/** Parts with an empty line between them, as long as they fit. */
class Page {
  text = '';
  #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** From now on the page may have so many characters. */
  allow(most: number): void {
    this.#most = most;
  }

  /** Adds a part; not if it does not fit. */
  add(part: string): boolean {
    if (part === '' || this.text.length + part.length + 2 > this.#most) return false;
    this.text += `${part}\n\n`;
    return true;
  }

  /**
   * Adds a table with as many rows as fit, and says how many are left out.
   *
   * @param total how many rows there would be.
   */
  addTable([head = [], ...rows]: readonly (readonly string[])[], total = rows.length): void {
    const lengthOf = (row: readonly string[]) => row.reduce((sum, cell) => sum + cell.length + 3, 2);
    let left = this.#most - this.text.length - 2 * lengthOf(head) - ROOM_FOR_LEFT_OUT;
    const shown: (readonly string[])[] = [];
    for (const row of rows) {
      left -= lengthOf(row);
      if (left < 0) break;
      shown.push(row);
    }
    // Cells are not padded: that would take as much room as the longest.
    if (shown.length > 0) this.add(markdownTable([head, ...shown], { alignDelimiters: false }));
    const out = total - shown.length;
    if (out > 0) this.add(`${thousands(out)} ${shown.length > 0 ? 'more are' : 'are'} not shown here: ${ELSEWHERE}`);
  }
}

const ELSEWHERE = 'the JSON, CSV and HTML of this audit have all (`--format html --out audit.html`).';
const ROOM_FOR_LEFT_OUT = 160;

function figures(report: AuditReport): string {
  const { denied, notJudged, nothingJudged, regions } = verdictOf(report);
  const { counts } = report;
  const number = (value: number) => (nothingJudged ? '–' : thousands(value));
  return [
    `**${number(denied)}** disallowed`,
    `**${thousands(notJudged.length)}** not judged`,
    `**${number(counts.judged)}** of ${count(counts.grants, 'grant')} evaluated`,
    `**${thousands(regions.judged)}** of ${count(regions.expected, placeWord(report))} evaluated`,
  ].join(' · ');
}

type Column = readonly [name: string, cellOf: (finding: Finding) => string];

const OWNER: Column = ['Its owner', ({ grant }) => code(grantWords(grant).owner)];

/** Findings as rows, with a head. Columns in which nothing would be are left out. */
function grantRows(findings: readonly Finding[], report: AuditReport, saysOf?: SinceList['saysOf']): string[][] {
  const heads = grantHeads(findings);
  const nameOf = placeNamer(report);
  const places = new Set(findings.map(({ grant }) => `${grant.account} ${grant.region}`));
  const where: Column = ['Where', ({ grant }) => code(nameOf(grant))];
  const columns: Column[] = [
    [capital(heads.target), ({ grant }) => code(grantWords(grant).target)],
    ['Open to', ({ grant }) => `${code(grantWords(grant).source)}${isForEverybody(grant) ? ' **everybody**' : ''}`],
    ...(heads.withOwner ? [OWNER] : []),
    ['Security group rule', ({ grant }) => code(grantWords(grant).rule ?? '')],
    ['Description', ({ securityGroupRule }) => code(securityGroupRule?.description ?? '')],
    ['Who made it', ({ madeBy }) => (madeBy === undefined ? '' : code(describeMadeBy(madeBy)))],
    ...(places.size > 1 ? [where] : []),
    ['Outcome', (finding) => saysOf?.(finding) ?? OUTCOME_WORDS[finding.outcome].words],
  ];
  const cells = findings.map((finding) => columns.map(([, cellOf]) => cellOf(finding)));
  const isUsed = columns.map((_, i) => cells.some((row) => row[i] !== ''));
  return [columns.map(([name]) => name), ...cells].map((row) => row.filter((_, i) => isUsed[i]));
}

/** What was not judged, and, of an organization, whose events are not watched. */
function notJudgedParts(report: AuditReport, page: Page): void {
  const groups = notEvaluatedGroups(report);
  if (groups.length > 0) page.add('#### Not evaluated, by cause');
  for (const group of groups) page.add(groupItem(group));
  const others = notJudgedBesideGroups(verdictOf(report).notJudged, report);
  if (others.length > 0) {
    const nameOf = placeNamer(report);
    page.add(`#### Not evaluated (${thousands(others.length)})`);
    const rows = others.slice(0, MOST_IN_A_LIST).map(({ what, why, ...place }) => [nameOf(place), what, why].map(code));
    page.addTable([[capital(placeWord(report)), 'What', 'Why'], ...rows], others.length);
  }
  const notWatched = notWatchedGroups(report);
  if (notWatched.length > 0) page.add('#### Events not watched, by cause');
  for (const group of notWatched) page.add(groupItem(group));
}

function groupItem({ title, remedy, targets, accounts }: TargetGroup): string {
  const shown = accounts.slice(0, MOST_IN_A_LIST).map((one) => code(describeAccount(one)));
  const more = accounts.length > shown.length ? ` and ${thousands(accounts.length - shown.length)} more` : '';
  return `- **${capital(plainText(title))}**: ${count(targets.length, 'place')} in ${count(accounts.length, 'account')} (${shown.join(', ')}${more}). Do: ${sentenceText(remedy)}`;
}

function provenance(report: AuditReport): string {
  const { tool, mode, allowlist, startedAt } = report;
  return [
    ...describeWhoMade(report).map((text) => sentenceText(cut(text, LONGEST_SENTENCE))),
    `${code(`${tool.name} ${tool.version}`)}, audit of ${plainText(instant(startedAt))}, mode ${mode}, allowlist ${code(allowlist.sha256.slice(0, 64))}.`,
  ].join(' ');
}

function code(value: string): string {
  return value === '' ? '' : codeSpan(cut(visible(value), LONGEST_VALUE));
}

function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit).toWellFormed()}…` : text;
}
