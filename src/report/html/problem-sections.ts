import type { Finding } from '../../policy/finding.ts';
import type { AuditReport } from '../audit-report.ts';
import type { Cause } from '../causes.ts';
import { remarksOn, splitAtIds } from '../grant-words.ts';
import { placeNamer } from '../looked-at.ts';
import { accountNames, describeAccount, notJudgedBesideGroups } from '../organization.ts';
import type { Verdict } from '../verdict.ts';
import { type Step, whatToDo } from '../what-to-do.ts';
import { count, thousands } from '../wording.ts';
import { grantTable } from './grant-table.ts';
import { html, type Markup, sentence } from './markup.ts';

/** How many of each there are in the page from the start. The rest is in its table, and in the JSON document. */
export const MOST_CAUSES = 20;
const MOST_GRANTS = 200;
const MOST_GRANTS_AT_FIRST = 6;
const MOST_REMARKS = 3;
const MOST_NOT_JUDGED = 50;
const MOST_RULES = 100;

export function notJudgedSection({ notJudged: all }: Verdict, report: AuditReport): Markup {
  const notJudged = notJudgedBesideGroups(all, report);
  if (notJudged.length === 0) return html``;
  const shown = notJudged.slice(0, MOST_NOT_JUDGED);
  const nameOf = placeNamer(report);
  return html`
<section class="not-judged" aria-labelledby="not-judged">
<h2 id="not-judged">${report.targets === undefined ? 'Not evaluated' : 'Not evaluated, one by one'}</h2>
<p class="soft">No one knows whether there are disallowed grants among these. Audit again when the reason is gone.</p>
<ul class="rows">${shown.map(
    ({ what, why, ...place }) => html`
<li><strong>${nameOf(place)}</strong> <span>${what}</span> <span class="soft">${sentence(why)}</span></li>`,
  )}
</ul>
${andMore(notJudged.length - shown.length)}
</section>`;
}

/** What is open to everybody: before anything else, and with what to do. */
export function openSection(report: AuditReport, causes: readonly Cause[]): Markup {
  return html`${causes.map(
    (cause) => html`
<section class="problems" id="everybody" aria-label="Open to everybody" tabindex="-1">
${causeSection(cause, cause.findings.slice(0, MOST_GRANTS), 'open', report)}
</section>`,
  )}`;
}

/** The disallowed grants, grouped by what they are denied for, each group with what to do about it. */
export function problemsSection(report: AuditReport, causes: readonly Cause[]): Markup {
  if (causes.length === 0) return html``;
  let room = MOST_GRANTS;
  const sections = causes.slice(0, MOST_CAUSES).map((cause, i) => {
    // Each later cause keeps room for its first few.
    const reserved = Math.min(causes.length, MOST_CAUSES) - 1 - i;
    const most = Math.max(MOST_GRANTS_AT_FIRST, room - reserved * MOST_GRANTS_AT_FIRST);
    const shown = cause.findings.slice(0, most);
    room -= shown.length;
    return causeSection(cause, shown, `${i}`, report);
  });
  const left = causes.slice(MOST_CAUSES);
  const grantsLeft = left.reduce((sum, { findings }) => sum + findings.length, 0);
  return html`
<section class="problems" aria-labelledby="problems">
<h2 id="problems">Disallowed, by cause</h2>
${sections}
${left.length > 0 && html`<p class="more">and ${count(left.length, 'more cause')} with ${count(grantsLeft, 'grant')}: in the table below, and in the JSON.</p>`}
</section>`;
}

function causeSection(cause: Cause, shown: readonly Finding[], index: string, report: AuditReport): Markup {
  const { findings, standing, title, key, isForEverybody } = cause;
  const first = shown.slice(0, MOST_GRANTS_AT_FIRST);
  const rest = shown.slice(MOST_GRANTS_AT_FIRST);
  const left = findings.length - shown.length;
  const stand = standing === 0 ? 'none stands' : standing === findings.length ? '' : `${thousands(standing)} stand`;
  const places = new Set(findings.map(({ grant }) => `${grant.account} ${grant.region}`));
  const where = places.size === 1 ? (findings[0] as Finding).grant : undefined;
  const table = (grants: readonly Finding[], label: string) =>
    grantTable(grants, { label, where: where === undefined, names: accountNames(report) });
  // It stands alone, without a heading over all causes.
  const heading = isForEverybody
    ? html`<h2 id="cause-${index}">${sentence(title)}</h2>`
    : html`<h3 id="cause-${index}">${sentence(title)}</h3>`;
  return html`
<article class="cause ${standing > 0 ? 'stands' : 'gone'}" aria-labelledby="cause-${index}">
<header>${heading}
<p class="tally"><strong>${count(findings.length, 'grant')}</strong>${stand !== '' && html`, ${stand}`}${
    where !== undefined &&
    html` <span class="soft">in ${describeAccount({ account: where.account, name: accountNames(report).get(where.account) })}, ${where.region}</span>`
  }</p></header>
${table(first, title)}
${rest.length > 0 && html`<details><summary>${thousands(rest.length)} more</summary>${table(rest, `${title}, continued`)}</details>`}
${remarks(shown)}${left > 0 && html`<p class="more">and ${thousands(left)} more: in the table below, and in the JSON.</p>`}
${findings.length > MOST_GRANTS_AT_FIRST && html`<p class="needs-script"><a href="#${new URLSearchParams({ cause: key }).toString()}">Show all ${thousands(findings.length)} in the table</a></p>`}
<dl class="steps">${whatToDo(cause, report).map((step) => stepMarkup(step))}</dl>
</article>`;
}

function remarks(findings: readonly Finding[]): Markup {
  const all = remarksOn(findings);
  const shown = all.slice(0, MOST_REMARKS);
  if (shown.length === 0) return html``;
  return html`
<ul class="soft">${shown.map((remark) => html`<li>${remark}</li>`)}</ul>
${andMore(all.length - shown.length)}`;
}

function stepMarkup({ when, text, paste }: Step): Markup {
  return html`
<div><dt>${when}</dt><dd>${sentence(text)}${
    paste !== undefined &&
    html`<pre tabindex="0" data-copy="${paste.kind === 'yaml' ? 'rules' : 'command'}"><code>${splitAtIds(paste.text).map((part, i) => (i % 2 === 1 ? html`<span class="whole">${part}</span>` : part))}</code></pre>`
  }</dd></div>`;
}

export function rulesSection({ expiringRules, unusedRules, warnings = [], complete }: AuditReport): Markup {
  const sections: Markup[] = [];
  if (warnings.length > 0) {
    const shown = warnings.slice(0, MOST_RULES);
    sections.push(html`
<section aria-labelledby="gone-names"><h2 id="gone-names">Names that no cache has any more</h2>
<p class="soft">Standing grants that these rules would allow by such a name are held.</p>
<ul class="rows">${shown.map(({ text }) => html`<li><span>${sentence(text)}</span></li>`)}
</ul>${andMore(warnings.length - shown.length)}</section>`);
  }
  if (expiringRules.length > 0) {
    const shown = expiringRules.slice(0, MOST_RULES);
    sections.push(html`
<section aria-labelledby="expiring"><h2 id="expiring">Rules that end</h2>
<p class="soft">What they allow is disallowed from the day after.</p>
<ul class="rows">${shown.map(
      ({ rule, expires, expired }) => html`
<li><code>${rule}</code> <span>${expired ? html`<strong>expired</strong> on` : 'expires on'} <time>${expires}</time></span></li>`,
    )}
</ul>${andMore(expiringRules.length - shown.length)}</section>`);
  }
  if (unusedRules.length > 0 && complete) {
    const shown = unusedRules.slice(0, MOST_RULES);
    sections.push(html`
<section aria-labelledby="unused"><h2 id="unused">Rules that allowed nothing</h2>
<p class="soft">No grant that stands now needs them. A grant to come may.</p>
<p class="names">${shown.map((rule) => html`<code>${rule}</code> `)}</p>${andMore(unusedRules.length - shown.length)}</section>`);
  }
  return sections.length === 0 ? html`` : html`<div class="rules">${sections}</div>`;
}

function andMore(number: number): Markup {
  return number > 0 ? html`<p class="more">and ${thousands(number)} more, in the JSON.</p>` : html``;
}
