import { placeKey } from '../../policy/place.ts';
import { type AuditReport, UNKNOWN_ACCOUNT } from '../audit-report.ts';
import { describeLookedAt, placeNamer, placeWord } from '../looked-at.ts';
import { describeWhoMade } from '../made-by-words.ts';
import { describeTargetCounts } from '../organization.ts';
import { describeSince, type Since } from '../since.ts';
import type { Verdict, VerdictKind } from '../verdict.ts';
import { capital, count, duration, instant, list, thousands } from '../wording.ts';
import { html, type Markup, sentence } from './markup.ts';

/** A sign for each verdict, so that it does not depend on colour. */
const SIGNS: Readonly<Record<VerdictKind, string>> = {
  standing: 'M7 7l10 10M17 7L7 17',
  incomplete: 'M8.6 9.2a3.4 3.4 0 1 1 5 3c-1.1.6-1.6 1.2-1.6 2.4M12 18v.4',
  mended: 'M12 6v7.5M12 17.4v.4',
  empty: 'M7 12h10',
  clean: 'M6.5 12.5l3.6 3.6L17.5 8.4',
};

/** What anybody must see first: the verdict, and the figures it rests on. */
export function verdictSection(report: AuditReport, verdict: Verdict, since?: Since): Markup {
  return html`
<div class="top">
<section class="verdict ${verdict.kind}" aria-labelledby="verdict">
<svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="11"/><path d="${SIGNS[verdict.kind]}"/></svg>
<div>
<h1 id="verdict">${headline(verdict)}</h1>
${verdict.sentences.length > 0 && html`<p>${sentence(verdict.sentences.join(' '))}</p>`}
${since !== undefined && html`<p><a href="#since">${describeSince(since)[0]}</a> ${describeSince(since).slice(1).join(' ')}</p>`}
</div>
<dl class="figures">${figures(report, verdict)}</dl>
</section>
</div>`;
}

/** It leads to what is open to everybody. */
function headline({ headline, openToEverybody: open }: Verdict): Markup {
  return open === '' ? html`${headline}` : html`${headline.slice(0, -open.length)}<a href="#everybody">${open}</a>`;
}

function figures(
  report: AuditReport,
  { denied, standing, nothingJudged, notJudged, complete, regions }: Verdict,
): Markup[] {
  const { counts } = report;
  const figure = (name: string, value: number | '–', note: string, look: '' | 'bad' | 'unsure') => html`
<div class="figure ${look}"><dt>${name}</dt><dd><strong>${value === '–' ? value : thousands(value)}</strong> <span>${note}</span></dd></div>`;
  const notJudgedFigure = figure(
    'Not evaluated',
    notJudged.length,
    complete ? 'nothing was left out' : 'see below',
    complete ? '' : 'unsure',
  );
  const places = figure(`${placesWord(report)} evaluated`, regions.judged, regionsNote(regions), '');
  // A 0 would read as if grants had been judged.
  if (nothingJudged) {
    return [
      figure('Disallowed', '–', 'no grant was evaluated', ''),
      notJudgedFigure,
      figure('Evaluated', '–', grantsNote(report, complete), ''),
      places,
    ];
  }
  const gone =
    denied === 0
      ? ''
      : standing === 0
        ? 'none stands any more'
        : standing === denied
          ? 'all of them stand'
          : `${thousands(standing)} of them stand`;
  return [
    figure('Disallowed', denied, gone, standing > 0 ? 'bad' : ''),
    notJudgedFigure,
    figure('Evaluated', counts.judged, grantsNote(report, complete), ''),
    places,
  ];
}

function grantsNote({ counts }: AuditReport, complete: boolean): string {
  if (!complete && counts.grants === 0) return 'no grant could be listed';
  return `of ${complete ? '' : 'at least '}${count(counts.grants, 'grant')}`;
}

/** `Regions`, or `Places`. */
function placesWord(report: AuditReport): string {
  return `${capital(placeWord(report))}s`;
}

function regionsNote({ expected, withoutEc2Classic }: Verdict['regions']): string {
  const without = withoutEc2Classic > 0 ? `, ${thousands(withoutEc2Classic)} without EC2-Classic` : '';
  return `of ${thousands(expected)} expected${without}`;
}

/** What was looked at, when, in which mode and by which allowlist. */
export function provenanceSection(report: AuditReport): Markup {
  const { tool, startedAt, durationMs, mode, maxRevocations, allowlist, apiCalls } = report;
  const accounts = accountsOf(report);
  const calls = Object.entries(apiCalls).map(([operation, times]) => `${thousands(times)} ${operation}`);
  const limit = maxRevocations === null ? 'no limit' : `at most ${count(maxRevocations, 'revocation')}`;
  const facts: readonly (readonly [string, string | Markup])[] = [
    ['Started', html`<time datetime="${startedAt}">${instant(startedAt)}</time>, took ${duration(durationMs)}`],
    ['Mode', mode === 'enforce' ? `enforce, ${limit}` : 'report-only: nothing is revoked'],
    [
      accounts.length === 1 ? 'Account' : 'Accounts',
      accounts.length === 0 ? 'no grant names one' : someOf(accounts, 6),
    ],
    ...(report.organization === undefined ? [] : ([['Organization', report.organization]] as const)),
    [placesWord(report), report.targets === undefined ? regionList(report) : describeTargetCounts(report)],
    ['In them', describeLookedAt(report) || 'nothing that was looked at'],
    ['Allowlist', html`${count(allowlist.rules, 'rule')}, sha256 <code class="id">${allowlist.sha256}</code>`],
    ['API calls', list(calls, 'and') || 'none'],
    ...(report.whoMade === undefined ? [] : ([['Who made rules', whoMadeWords(report)]] as const)),
    ['Made by', `${tool.name} ${tool.version}`],
  ];
  return html`
<section class="provenance" aria-label="What was looked at, and how">
<dl>${facts.map(
    ([name, value]) => html`
<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}
</dl>
</section>`;
}

function whoMadeWords(report: AuditReport): string {
  return describeWhoMade(report).join(' ') || 'known of all denied security group rules';
}

/** All that the report is of: an account of which nothing could be judged is in no finding. */
function accountsOf({ expected, findings }: AuditReport): string[] {
  const accounts = new Set([...expected.places, ...findings.map(({ grant }) => grant)].map(({ account }) => account));
  accounts.delete(UNKNOWN_ACCOUNT);
  return [...accounts].sort();
}

function regionList(report: AuditReport): Markup {
  const { places } = report.expected;
  if (places.length === 0) return html`none`;
  const nameOf = placeNamer(report);
  const statuses = new Map(report.regions.map((one) => [placeKey(one), one.status]));
  const shown = places.slice(0, 40).map((place, i) => {
    const status = statuses.get(placeKey(place));
    const note = status === 'judged' ? '' : status === 'not-applicable' ? ' (no EC2-Classic)' : ' (not evaluated)';
    return html`${i > 0 && ', '}<span class="region">${nameOf(place)}${note !== '' && html`<em>${note}</em>`}</span>`;
  });
  const more = places.length - shown.length;
  return html`${shown}${more > 0 && ` and ${thousands(more)} more`}`;
}

function someOf(items: readonly string[], most: number): Markup {
  const shown = items.slice(0, most).map((item, i) => html`${i > 0 && ', '}<code class="id">${item}</code>`);
  return html`${shown}${items.length > most && ` and ${thousands(items.length - most)} more`}`;
}
