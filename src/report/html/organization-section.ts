import type { AuditReport, ReportTarget } from '../audit-report.ts';
import {
  describeAccount,
  describeTargetCounts,
  isNotWatched,
  notEvaluatedGroups,
  notWatchedGroups,
  type TargetAccount,
  type TargetGroup,
} from '../organization.ts';
import { isStanding } from '../verdict.ts';
import { capital, count, thousands } from '../wording.ts';
import { html, type Markup, sentence } from './markup.ts';

/** How many accounts of a cause are named at once; the others unfold. */
const MOST_ACCOUNTS_AT_FIRST = 8;
/** How many rows the matrix has: each is some 20 elements, and a page has at most 5,000. */
const MOST_ROWS = 60;

/** What was not evaluated in an organization, by cause, with what to do. It leads. */
export function notEvaluatedSection(report: AuditReport): Markup {
  const groups = notEvaluatedGroups(report);
  if (groups.length === 0) return html``;
  return html`
<section class="not-judged" aria-labelledby="not-evaluated">
<h2 id="not-evaluated">Not evaluated, by cause</h2>
<p class="soft">No one knows whether there are disallowed grants in these places.</p>
${groups.map(groupMarkup)}
</section>`;
}

/** The places whose events do not reach the hub. */
export function notWatchedSection(report: AuditReport): Markup {
  const groups = notWatchedGroups(report);
  if (groups.length === 0) return html``;
  return html`
<section class="not-judged" aria-labelledby="not-watched">
<h2 id="not-watched">Events not watched, by cause</h2>
<p class="soft">Audits evaluate these places. Between audits, no one sees what is opened there.</p>
${groups.map(groupMarkup)}
</section>`;
}

function groupMarkup({ title, remedy, targets, accounts, details }: TargetGroup): Markup {
  const first = accounts.slice(0, MOST_ACCOUNTS_AT_FIRST);
  const rest = accounts.slice(MOST_ACCOUNTS_AT_FIRST);
  return html`
<div class="target-group">
<h3>${capital(title)}</h3>
<p><strong>${count(targets.length, 'place')}</strong> in ${count(accounts.length, 'account')}: ${nameAll(first)}</p>
${rest.length > 0 && html`<details><summary>${thousands(rest.length)} more</summary><p>${nameAll(rest)}</p></details>`}
${details.map((detail) => html`<p class="soft">${detail}</p>`)}
<p><strong>Do</strong>: ${sentence(remedy)}</p>
</div>`;
}

function nameAll(accounts: readonly TargetAccount[]): string {
  return accounts.map(describeAccount).join(', ');
}

/** A row of the matrix: accounts that are alike in every region. */
interface Row {
  readonly accounts: readonly ReportTarget[];
  readonly cells: readonly Cell[];
  /** Those with the least that is known, or the most that is wrong, come first. */
  readonly rank: number;
  readonly weight: number;
}

/** What is seen at a target. Signs differ, so that nothing depends on colour. */
interface Cell {
  readonly sign: string;
  readonly look: 'bad' | 'unsure' | 'good' | 'none';
}

const NO_GRANT: Cell = { sign: '○', look: 'none' };
const LEGEND: readonly (readonly [Cell, string])[] = [
  [{ sign: '?', look: 'unsure' }, 'not evaluated'],
  [{ sign: '3', look: 'bad' }, 'disallowed grants stand'],
  [{ sign: '3+?', look: 'bad' }, 'the same, and not all was evaluated'],
  [{ sign: '✓!', look: 'unsure' }, 'evaluated; its events do not reach the hub'],
  [{ sign: '○!', look: 'unsure' }, 'the same, and there is no grant'],
  [{ sign: '✓', look: 'good' }, 'evaluated; nothing disallowed stands'],
  [NO_GRANT, 'evaluated; there is no grant to evaluate'],
  [{ sign: '–', look: 'none' }, 'not applicable'],
  [{ sign: '×', look: 'none' }, 'excluded'],
];
const NOTHING: Cell = { sign: '', look: 'none' };

/** Accounts × regions. Accounts that are alike in every region, as those are that have nothing wrong, share a row. */
export function matrixSection(report: AuditReport): Markup {
  const { targets } = report;
  if (targets === undefined || targets.length === 0) return html``;
  const regions = [...new Set(targets.map(({ region }) => region))].sort();
  const rows = toRows(report, targets, regions);
  const shown = rows.length <= MOST_ROWS ? rows : rows.slice(0, MOST_ROWS);
  const left = rows.slice(shown.length).reduce((sum, { accounts }) => sum + accounts.length, 0);
  return html`
<section class="organization" aria-labelledby="organization">
<h2 id="organization">Accounts and regions</h2>
<p class="soft">${describeTargetCounts(report)}.</p>
<ul class="legend">${LEGEND.map(([{ sign, look }, words]) => html`<li><b class="${look}">${sign}</b> ${words}</li>`)}</ul>
<div class="matrix-frame" tabindex="0" role="region" aria-label="Table of accounts and regions"><table class="matrix">
<thead><tr><th scope="col">Account</th>${regions.map((region) => html`<th scope="col"><span>${region}</span></th>`)}</tr></thead>
<tbody>${shown.map(rowMarkup)}
</tbody></table></div>
${left > 0 && html`<p class="more">and ${count(left, 'more account')}: in the table below, and in the JSON.</p>`}
</section>`;
}

function rowMarkup({ accounts, cells }: Row): Markup {
  const [one, ...others] = accounts;
  const head =
    others.length === 0 || one === undefined
      ? html`${one?.name !== undefined && html`${one.name} `}<code class="id">${one?.account}</code>`
      : html`<details><summary>${count(accounts.length, 'account')}</summary>${nameAll(accounts)}</details>`;
  return html`
<tr><th scope="row">${head}</th>${cells.map(({ sign, look }) => html`<td class="${look}">${sign}</td>`)}</tr>`;
}

function toRows(report: AuditReport, targets: readonly ReportTarget[], regions: readonly string[]): Row[] {
  const standing = new Map<string, number>();
  for (const finding of report.findings.filter(isStanding)) {
    const key = `${finding.grant.account} ${finding.grant.region}`;
    standing.set(key, (standing.get(key) ?? 0) + 1);
  }
  const standingAt = ({ account, region }: ReportTarget): number => standing.get(`${account} ${region}`) ?? 0;
  const accounts = [...Map.groupBy(targets, ({ account }) => account).values()].map((ofAccount) => {
    const byRegion = new Map(ofAccount.map((target) => [target.region, target]));
    const cells = regions.map((region) => {
      const target = byRegion.get(region);
      return target === undefined ? NOTHING : toCell(target, standingAt(target));
    });
    const weight = ofAccount.reduce((sum, target) => sum + standingAt(target), 0);
    return { account: ofAccount[0] as ReportTarget, cells, rank: rankOf(ofAccount, weight), weight };
  });
  // Whether there was a grant to judge does not distinguish accounts: few have caches in the same regions.
  const alike = Map.groupBy(accounts, ({ cells }) => cells.map(({ sign }) => sign.replace('○', '✓')).join(' '));
  return [...alike.values()]
    .map((same): Row => {
      const { cells, rank, weight } = same[0] as (typeof same)[number];
      const ofRow = cells.map((cell, i) => same.map((one) => one.cells[i] ?? cell).find(isOfGrants) ?? cell);
      return { accounts: same.map(({ account }) => account), cells: ofRow, rank, weight };
    })
    .sort((a, b) => a.rank - b.rank || b.weight - a.weight || (idOf(a) < idOf(b) ? -1 : 1));
}

function isOfGrants({ sign }: Cell): boolean {
  return !sign.startsWith('○');
}

function idOf({ accounts }: Row): string {
  return accounts[0]?.account ?? '';
}

function toCell(target: ReportTarget, standing: number): Cell {
  const number = thousands(standing);
  switch (target.status) {
    case 'not-judged':
      return standing > 0 ? { sign: `${number}+?`, look: 'bad' } : { sign: '?', look: 'unsure' };
    case 'judged':
      if (standing > 0) return { sign: number, look: 'bad' };
      // Where no grant was judged, nothing is allowed either.
      if (target.counts?.grants === 0) return isNotWatched(target) ? { sign: '○!', look: 'unsure' } : NO_GRANT;
      return isNotWatched(target) ? { sign: '✓!', look: 'unsure' } : { sign: '✓', look: 'good' };
    case 'not-applicable':
      return { sign: '–', look: 'none' };
    case 'excluded':
      return { sign: '×', look: 'none' };
  }
}

/** What is not known first, then what is disallowed, then what is not watched; what has nothing wrong comes last. */
function rankOf(targets: readonly ReportTarget[], standing: number): number {
  if (targets.some(({ status }) => status === 'not-judged')) return 0;
  if (standing > 0) return 1;
  if (targets.some(isNotWatched)) return 2;
  return targets.some(({ status }) => status === 'judged') ? 3 : 4;
}
