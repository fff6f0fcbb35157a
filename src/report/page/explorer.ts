import { button, element } from '../../page-kit/elements.ts';
import type { AuditReport } from '../audit-report.ts';
import { grantHeads } from '../grant-words.ts';
import { accountNames } from '../organization.ts';
import { thousands } from '../wording.ts';
import { choose, toRow } from './choose.ts';
import { findingControls } from './finding-controls.ts';
import { findingRow } from './finding-rows.ts';
import { columnsOf, findingTable } from './finding-table.ts';
import { readHash, type SortKey, toHash, type ViewState } from './view-state.ts';

const PAGE = 50;
/** On paper there are no pages to turn. More rows than these take a browser minutes to lay out. */
const MOST_ON_PAPER = 10_000;

/** The table of all findings, a page of it at a time, with what chooses among them. */
export function startExplorer(root: HTMLElement, report: AuditReport, download: HTMLElement): void {
  const names = accountNames(report);
  const rows = report.findings.map((finding) => toRow(finding, names.get(finding.grant.account)));
  const columns = columnsOf(report);
  const { isMixed } = grantHeads(report.findings);
  let state = readHash(location.hash);

  const controls = findingControls(report, (chosen) => change({ ...state, ...chosen, page: 1 }));
  const status = element('p', { role: 'status', class: 'status' });
  const table = findingTable(columns, sortBy);
  const pages = pageButtons((by) => change({ ...state, page: state.page + by }));
  root.append(controls.root, status, table.root, element('div', { class: 'pages' }, ...pages.buttons, download));
  status.tabIndex = -1;

  addEventListener('hashchange', () => {
    state = readHash(location.hash);
    render();
  });
  followCauseLinks((hash) => {
    change(readHash(hash));
    root.scrollIntoView();
    status.focus();
  });
  renderByMedium(render);

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
    const last = Math.max(Math.ceil(chosen.length / PAGE), 1);
    const page = Math.min(Math.max(state.page, 1), last);
    state = { ...state, page };
    const from = isOnPaper ? 0 : (page - 1) * PAGE;
    const shown = chosen.slice(from, from + (isOnPaper ? MOST_ON_PAPER : PAGE));
    controls.update(state);
    const drawn = shown.map(({ finding }) => findingRow(finding, columns, { isMixed, names }));
    table.update(drawn, state);
    status.textContent = statusText(from, shown.length, chosen.length, rows.length);
    pages.update(page, last);
  }
}

function statusText(from: number, shown: number, chosen: number, all: number): string {
  const of = chosen === all ? '' : ` (of ${thousands(all)} in all)`;
  if (chosen === 0) return `No finding is like that${of}.`;
  return `${thousands(from + 1)} to ${thousands(from + shown)} of ${thousands(chosen)}${of}`;
}

/** What turns pages: back by -1, on by 1. */
function pageButtons(turn: (by: number) => void) {
  const back = button({}, 'Previous page', () => turn(-1));
  const forth = button({}, 'Next page', () => turn(1));
  return {
    buttons: [back, forth],
    update(page: number, last: number): void {
      // Not `disabled`, which would take the focus away from who pages by keyboard.
      back.setAttribute('aria-disabled', String(page === 1));
      forth.setAttribute('aria-disabled', String(page === last));
    },
  };
}

/** The links of the report to the findings of one cause. */
function followCauseLinks(follow: (hash: string) => void): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="#cause="]')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      follow(link.hash);
    });
  }
}

/** Renders for the medium that there is now, and again when it changes. */
function renderByMedium(render: (isOnPaper: boolean) => void): void {
  const paper = matchMedia('print');
  addEventListener('beforeprint', () => render(true));
  addEventListener('afterprint', () => render(false));
  // Some who print change the medium, and say nothing else.
  paper.addEventListener('change', ({ matches }) => render(matches));
  render(paper.matches);
}
