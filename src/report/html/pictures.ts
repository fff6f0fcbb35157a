import type { AuditReport } from '../audit-report.ts';
import { count, instant, list, thousands } from '../wording.ts';
import { html, type Markup } from './markup.ts';
import { gatherReach, type Kind, type Point, type Way } from './reach.ts';

const WIDTH = 760;
const SIDE = 256;
const ROW = 40;
const LONGEST_LABEL = 32;

/** Who reaches what. Denied ways differ by dash, cross and number, not by colour alone. */
export function reachPicture({ findings }: AuditReport): Markup {
  if (findings.length === 0) return html``;
  const { sources, targets, ways, sourceKinds, targetKinds, gathered } = gatherReach(findings);
  const rows = Math.max(sources.length, targets.length);
  const height = rows * ROW + 28;
  const yOf = (index: number, of: number) => 28 + (index + 0.5) * ((rows * ROW) / of);
  const point = (one: Point, index: number, of: number, left: boolean) => {
    const y = yOf(index, of);
    const x = left ? SIDE : WIDTH - SIDE;
    const text = left ? x - 12 : x + 12;
    const note = [one.note, one.denied > 0 ? `✕ ${thousands(one.denied)}` : ''].filter((part) => part !== '');
    return html`
<g class="point${one.denied > 0 && ' denied'}${one.isEverybody && ' everybody'}"><title>${one.label} ${one.note}: ${waysInWords(one)}</title>
<circle cx="${x}" cy="${y}" r="4"/>${
      one.isEverybody &&
      html`
<circle class="ring" cx="${x}" cy="${y}" r="8"/>`
    }
<text x="${text}" y="${note.length > 0 ? y - 2 : y + 4}" text-anchor="${left ? 'end' : 'start'}">${shorten(one.label)}</text>
${note.length > 0 && html`<text class="note" x="${text}" y="${y + 12}" text-anchor="${left ? 'end' : 'start'}">${note.join(' · ')}</text>`}</g>`;
  };
  // Many numbers on crossing lines say nothing; the points have theirs.
  const numbered = ways.filter((one) => one.denied > 0).length <= 16;
  const way = ({ from, to, allowed, denied }: Way) => {
    const [y1, y2] = [yOf(from, sources.length), yOf(to, targets.length)];
    const [x1, x2] = [SIDE + 6, WIDTH - SIDE - 6];
    const path = (shift: number) =>
      `M${x1} ${y1 + shift}C${x1 + 90} ${y1 + shift} ${x2 - 90} ${y2 + shift} ${x2} ${y2 + shift}`;
    // Spread along the ways, so that the marks of neighbours do not cover each other.
    const at = 0.3 + (0.4 * ((from * 3 + to * 2) % 7)) / 6;
    const [markX, markY] = pointAt(at, x1, y1, x2, y2);
    return html`${
      allowed > 0 &&
      html`
<path class="way" d="${path(denied > 0 ? 2.5 : 0)}"/>`
    }${
      denied > 0 &&
      html`
<path class="way denied" d="${path(allowed > 0 ? -2.5 : 0)}"/>
<path class="cross" d="M${round(markX - 4)} ${round(markY - 4)}l8 8m0-8l-8 8"/>${
        denied > 1 &&
        numbered &&
        html`<text class="number" x="${round(markX + 8)}" y="${round(markY - 4)}">${thousands(denied)}</text>`
      }`
    }`;
  };
  const denied = ways.reduce((sum, one) => sum + one.denied, 0);
  const allowed = ways.reduce((sum, one) => sum + one.allowed, 0);
  return html`
<figure class="picture">
<figcaption id="reach"><h2>Who reaches what</h2>
<p class="soft">${allowed > 0 && html`<span class="key"><svg viewBox="0 0 34 10" aria-hidden="true"><path class="way" d="M0 5h34"/></svg> allowed</span>`}
${denied > 0 && html`<span class="key"><svg viewBox="0 0 34 10" aria-hidden="true"><path class="way denied" d="M0 5h34"/><path class="cross" d="M13 1l8 8m0-8l-8 8"/></svg> disallowed</span>`}
${gathered.length > 0 && html` <span>So that it stays readable, ${list(gathered, 'and')} ${gathered.length > 1 || !gathered[0]?.startsWith('1 ') ? 'are' : 'is'} gathered; every grant is in the table.</span>`}</p></figcaption>
<div class="wide" tabindex="0" role="region" aria-label="Picture: who reaches what">
<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${count(sources.length, 'source')} reach ${count(targets.length, 'target')}${gathered.length > 0 && ', some of them gathered'}; ${thousands(denied)} of ${count(findings.length, 'grant is', 'grants are')} disallowed. The same is in the tables of this page.">
<text class="side" x="${SIDE}" y="14" text-anchor="end">${sidePlural(sourceKinds, 'sources')}</text>
<text class="side" x="${WIDTH - SIDE}" y="14">${sidePlural(targetKinds, 'targets')}</text>
${ways.filter((one) => one.denied === 0).map(way)}${ways.filter((one) => one.denied > 0).map(way)}
${sources.map((one, i) => point(one, i, sources.length, true))}${targets.map((one, i) => point(one, i, targets.length, false))}
</svg></div>
${wayList(ways, sources, targets)}
</figure>`;
}

/** How many ways the list has: those that are denied first. */
const MOST_WAYS = 40;

/** The same as a list, for screens too narrow for the picture. */
function wayList(ways: readonly Way[], sources: readonly Point[], targets: readonly Point[]): Markup {
  const sorted = ways.toSorted((a, b) => Number(b.denied > 0) - Number(a.denied > 0));
  const shown = sorted.slice(0, MOST_WAYS);
  const name = (point: Point | undefined) =>
    html`<code>${point?.label}</code>${point?.note !== '' && ` (${point?.note})`}`;
  return html`<ul class="in-words">${shown.map(
    (one) => html`
<li>${name(sources[one.from])} → ${name(targets[one.to])}: ${one.denied > 0 && html`<strong class="denied">✕ ${thousands(one.denied)} disallowed</strong>`}${one.denied > 0 && one.allowed > 0 && ', '}${one.allowed > 0 && `${thousands(one.allowed)} allowed`}</li>`,
  )}
${sorted.length > shown.length && html`<li>and ${count(sorted.length - shown.length, 'more way')}: in the table below.</li>`}</ul>`;
}

/** What is on a side, if it has room for that. */
function sidePlural(kinds: readonly Kind[], many: string): string {
  const [first, second, ...more] = kinds.map((kind) => `${kind}s`);
  if (first === 'EC2 security groups' && second === undefined) return 'EC2 security groups, and their owners';
  return more.length > 0 ? many : list([first ?? '', ...(second === undefined ? [] : [second])], 'and');
}

function waysInWords({ denied, allowed }: Point): string {
  const parts = [
    ...(denied > 0 ? [`${thousands(denied)} disallowed`] : []),
    ...(allowed > 0 ? [`${thousands(allowed)} allowed`] : []),
  ];
  return list(parts, 'and');
}

/** What the history needs of an earlier audit; a whole report will do. */
export type RunSummary = Pick<AuditReport, 'startedAt' | 'complete' | 'counts'>;

const MOST_RUNS = 30;
const MOST_RUNS_IN_WORDS = 10;
const TALLEST = 84;

/** Disallowed grants in this audit and those before it, oldest first. An audit that was not complete says so. */
export function historyPicture(report: AuditReport, previous: readonly RunSummary[]): Markup {
  const byTime = new Map([...previous, report].map((run) => [run.startedAt, run]));
  const all = [...byTime.values()].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const runs = all.slice(-MOST_RUNS);
  const first = runs[0];
  if (first === undefined || runs.length < 2) return html``;
  const most = Math.max(...runs.map(({ counts }) => counts.denied), 1);
  const step = (WIDTH - 20) / runs.length;
  const bar = Math.min(step * 0.62, 44);
  const base = 24 + TALLEST;
  const left = all.length - runs.length;
  const words = (run: RunSummary) =>
    `${instant(run.startedAt)}: ${run.counts.judged === 0 ? 'nothing was evaluated' : `${thousands(run.counts.denied)} disallowed of ${count(run.counts.judged, 'grant')}`}${run.complete ? '' : ', not everything evaluated'}`;
  return html`
<figure class="picture">
<figcaption><h2>Disallowed grants, audit by audit</h2>
<p class="soft">${runs.some(({ complete }) => !complete) && 'A dashed bar with a question mark is an audit that could not evaluate everything: there may have been more.'}${left > 0 && ` ${count(left, 'earlier audit is', 'earlier audits are')} left out.`}</p></figcaption>
<div class="wide" tabindex="0" role="region" aria-label="Picture: disallowed grants, audit by audit">
<svg viewBox="0 0 ${WIDTH} ${base + 24}" width="${WIDTH}" height="${base + 24}" role="img" aria-label="${runs.slice(-6).map(words).join('; ')}">
<path class="axis" d="M0 ${base}h${WIDTH}"/>${runs.map((run, i) => {
    const height = Math.max(round((run.counts.denied / most) * TALLEST), 2);
    const x = round(10 + step * i + (step - bar) / 2);
    const isOfNothing = run.counts.judged === 0;
    const kind = isOfNothing ? 'nothing' : run.counts.denied === 0 ? 'none' : 'some';
    const last = run === report ? ' last' : '';
    return html`
<g class="run ${kind}${run.complete ? '' : ' partial'}${last}"><title>${words(run)}</title>
<rect x="${x}" y="${base - height}" width="${round(bar)}" height="${height}"/>
<text x="${round(x + bar / 2)}" y="${base - height - 5}" text-anchor="middle">${isOfNothing ? '–' : thousands(run.counts.denied)}${!run.complete && '?'}</text></g>`;
  })}
<text class="note" x="0" y="${base + 18}">${first.startedAt.slice(0, 10)}</text>
<text class="note" x="${WIDTH}" y="${base + 18}" text-anchor="end">this audit, ${report.startedAt.slice(0, 10)}</text>
</svg></div>
<ul class="in-words">${runs
    .slice(-MOST_RUNS_IN_WORDS)
    .toReversed()
    .map((run) => html`<li>${words(run)}</li>`)}</ul>
</figure>`;
}

function shorten(label: string): string {
  return label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 8)}…${label.slice(-7)}` : label;
}

function pointAt(t: number, x1: number, y1: number, x2: number, y2: number): [number, number] {
  const mix = (a: number, b: number, c: number, d: number) =>
    (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;
  return [mix(x1, x1 + 90, x2 - 90, x2), mix(y1, y1, y2, y2)];
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
