import type { AuditReport } from '../audit-report.ts';
import { accountNames } from '../organization.ts';
import { describeSince, listsOf, type Since, type SinceList } from '../since.ts';
import { count, instant } from '../wording.ts';
import { grantTable } from './grant-table.ts';
import { html, type Markup } from './markup.ts';

/** How many grants of each list are in the page. */
const MOST_GRANTS = 50;

/** What is new and what is gone since an earlier audit. */
export function sinceSection(report: AuditReport, since: Since): Markup {
  return html`
<section class="problems" aria-labelledby="since">
<h2 id="since" tabindex="-1">Since the audit of ${instant(since.startedAt)}</h2>
<p class="soft">${describeSince(since).join(' ')}</p>
${listsOf(since).map((list, i) => listMarkup(list, i, report))}
</section>`;
}

function listMarkup({ title, findings, saysOf }: SinceList, index: number, report: AuditReport): Markup {
  const shown = findings.slice(0, MOST_GRANTS);
  const places = new Set(findings.map(({ grant }) => `${grant.account} ${grant.region}`));
  const table = grantTable(shown, { label: title, where: places.size > 1, names: accountNames(report), saysOf });
  return html`
<article class="cause ${saysOf === undefined ? 'stands' : 'gone'}" aria-labelledby="since-${index}">
<header><h3 id="since-${index}">${title}</h3><p class="tally"><strong>${count(findings.length, 'grant')}</strong></p></header>
${table}
${findings.length > shown.length && html`<p class="more">and ${count(findings.length - shown.length, 'more grant')}: in the JSON of the two audits.</p>`}
</article>`;
}
