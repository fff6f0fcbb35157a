import { button, element } from '../../page-kit/elements.ts';
import type { AuditReport } from '../audit-report.ts';
import { groupByCause } from '../causes.ts';
import { grantHeads, isForEverybody } from '../grant-words.ts';
import { accountNames } from '../organization.ts';
import { isDenied, isStanding } from '../verdict.ts';
import { capital, OUTCOME_WORDS, thousands, visible } from '../wording.ts';
import { choose, toRow } from './choose.ts';
import { findingRow } from './finding-rows.ts';
import { DEFAULT_STATE, readHash, type SortKey, toHash, type ViewState } from './view-state.ts';

const PAGE = 50;
/** On paper there are no pages to turn. More rows than these take a browser minutes to lay out. */
const MOST_ON_PAPER = 10_000;
/** A longer list of choices is no help. */
const MOST_CHOICES = 200;

interface Column {
  readonly key: SortKey;
  readonly name: string;
}

/** The table of all findings, a page of it at a time, with what chooses among them. */
export function startExplorer(root: HTMLElement, report: AuditReport, download: HTMLElement): void {
  const names = accountNames(report);
  const rows = report.findings.map((finding) => toRow(finding, names.get(finding.grant.account)));
  const columns = columnsOf(report);
  const { isMixed } = grantHeads(report.findings);
  let state = readHash(location.hash);

  const query = element('input', { type: 'search', id: 'query', autocomplete: 'off', spellcheck: 'false' });
  const show = select('show', showChoices(report));
  const cause = select('cause', causeChoices(report));
  const region = select('region', regionChoices(report));
  const status = element('p', { role: 'status', class: 'status' });
  const body = element('tbody', { role: 'rowgroup' });
  const headings = new Map(columns.map((column) => [column.key, heading(column, () => sortBy(column.key))]));
  const table = element(
    'table',
    { role: 'table', class: 'findings', 'aria-labelledby': 'findings' },
    element(
      'thead',
      { role: 'rowgroup' },
      element(
        'tr',
        { role: 'row' },
        ...headings.values(),
        element(
          'th',
          { role: 'columnheader', scope: 'col', class: 'act' },
          element('span', { class: 'for-ears' }, 'Details'),
        ),
      ),
    ),
    body,
  );
  const reset = button({ class: 'quiet' }, 'Show all', () => change({ ...DEFAULT_STATE }));
  const back = button({}, 'Previous page', () => change({ ...state, page: state.page - 1 }));
  const forth = button({}, 'Next page', () => change({ ...state, page: state.page + 1 }));
  root.append(
    element(
      'div',
      { class: 'controls', role: 'search', 'aria-label': 'Findings' },
      field('Search', query),
      field('Show', show),
      ...(cause.options.length > 2 ? [field('Cause', cause)] : []),
      ...(region.options.length > 2 ? [field('Region', region)] : []),
      reset,
    ),
    status,
    table,
    element('div', { class: 'pages' }, back, forth, download),
  );

  query.addEventListener('input', () => change({ ...state, query: query.value, page: 1 }));
  show.addEventListener('change', () => change({ ...state, show: show.value, page: 1 }));
  cause.addEventListener('change', () => change({ ...state, cause: cause.value, page: 1 }));
  region.addEventListener('change', () => change({ ...state, region: region.value, page: 1 }));
  addEventListener('hashchange', () => {
    state = readHash(location.hash);
    render();
  });
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="#cause="]')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      change(readHash(link.hash));
      root.scrollIntoView();
      status.focus();
    });
  }
  status.tabIndex = -1;
  const paper = matchMedia('print');
  addEventListener('beforeprint', () => render(true));
  addEventListener('afterprint', () => render());
  // Some who print change the medium, and say nothing else.
  paper.addEventListener('change', ({ matches }) => render(matches));
  render(paper.matches);

  function change(next: ViewState): void {
    state = next;
    render();
    history.replaceState(null, '', `${location.href.split('#')[0]}${toHash(state)}`);
  }

  function sortBy(key: SortKey): void {
    const descending = state.sort === key && !state.descending;
    change({ ...state, sort: key, descending, page: 1 });
  }

  /** The rows of a page; for paper, of all pages. */
  function render(isOnPaper = false): void {
    const chosen = choose(rows, state);
    const pages = Math.max(Math.ceil(chosen.length / PAGE), 1);
    const page = Math.min(Math.max(state.page, 1), pages);
    state = { ...state, page };
    if (query.value !== state.query) query.value = state.query;
    for (const [control, value] of [
      [show, state.show],
      [cause, state.cause],
      [region, state.region],
    ] as const) {
      choice(control, value);
    }
    const from = isOnPaper ? 0 : (page - 1) * PAGE;
    const shown = chosen.slice(from, from + (isOnPaper ? MOST_ON_PAPER : PAGE));
    body.replaceChildren(...shown.map(({ finding }) => findingRow(finding, columns, { isMixed, names })));
    const of = chosen.length === rows.length ? '' : ` (of ${thousands(rows.length)} in all)`;
    status.textContent =
      chosen.length === 0
        ? `No finding is like that${of}.`
        : `${thousands(from + 1)} to ${thousands(from + shown.length)} of ${thousands(chosen.length)}${of}`;
    for (const [key, th] of headings) {
      if (state.sort === key) th.setAttribute('aria-sort', state.descending ? 'descending' : 'ascending');
      else th.removeAttribute('aria-sort');
    }
    // Not `disabled`, which would take the focus away from who pages by keyboard.
    back.setAttribute('aria-disabled', String(page === 1));
    forth.setAttribute('aria-disabled', String(page === pages));
    reset.hidden = toHash(state) === '';
    table.hidden = chosen.length === 0;
  }
}

function columnsOf({ findings }: AuditReport): Column[] {
  const { target, source, withOwner } = grantHeads(findings);
  const places = new Set(findings.map(({ grant }) => `${grant.account} ${grant.region}`));
  return [
    { key: 'outcome', name: 'Outcome' },
    { key: 'target', name: capital(target) },
    { key: 'source', name: capital(source) },
    ...(withOwner ? [{ key: 'owner', name: 'Its owner' } as const] : []),
    ...(places.size > 1 ? [{ key: 'where', name: 'Where' } as const] : []),
    { key: 'why', name: 'Why' },
  ];
}

function heading({ name }: Column, onClick: () => void): HTMLTableCellElement {
  return element(
    'th',
    { role: 'columnheader', scope: 'col' },
    button({ class: 'sort' }, name, onClick),
    // Browsers that repeat the heads on each page of paper leave their buttons out.
    element('span', { class: 'on-paper' }, name),
  );
}

function field(name: string, control: HTMLInputElement | HTMLSelectElement): HTMLElement {
  return element('label', { class: 'field' }, element('span', {}, name), control);
}

type Choice = readonly [value: string, text: string];

function select(id: string, choices: readonly Choice[]): HTMLSelectElement {
  return element('select', { id }, ...choices.map(([value, text]) => element('option', { value }, visible(text))));
}

/** Chooses a value that an address asks for, also one that the page did not think of. */
function choice(control: HTMLSelectElement, value: string): void {
  if (![...control.options].some((option) => option.value === value)) {
    control.append(element('option', { value }, visible(value.slice(0, 100))));
  }
  control.value = value;
}

function showChoices({ findings }: AuditReport): Choice[] {
  const outcomes = new Map<string, number>();
  for (const { outcome } of findings) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const denied = findings.filter(isDenied).length;
  const standing = findings.filter(isStanding).length;
  const everybody = findings.filter(({ grant }) => isForEverybody(grant)).length;
  const named = Object.entries(OUTCOME_WORDS).flatMap(([outcome, { words }]): Choice[] => {
    const number = outcomes.get(outcome);
    return number === undefined ? [] : [[outcome, `Outcome: ${words} (${thousands(number)})`]];
  });
  return [
    ['all', `All (${thousands(findings.length)})`],
    ['disallowed', `Disallowed (${thousands(denied)})`],
    ['standing', `Disallowed and standing (${thousands(standing)})`],
    ...(everybody > 0 ? [['everybody', `Open to everybody (${thousands(everybody)})`] as const] : []),
    ...named,
  ];
}

function causeChoices({ findings }: AuditReport): Choice[] {
  const causes = groupByCause(findings).slice(0, MOST_CHOICES);
  return [['', 'Any'], ...causes.map(({ key, title }): Choice => [key, title.replaceAll('`', '')])];
}

function regionChoices({ findings }: AuditReport): Choice[] {
  const regions = [...new Set(findings.map(({ grant }) => grant.region))].sort();
  return [['', 'All'], ...regions.map((region): Choice => [region, region])];
}
