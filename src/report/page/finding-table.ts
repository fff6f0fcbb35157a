import { button, element } from '../../page-kit/elements.ts';
import type { AuditReport } from '../audit-report.ts';
import { grantHeads } from '../grant-words.ts';
import { capital } from '../wording.ts';
import type { SortKey, ViewState } from './view-state.ts';

export interface Column {
  readonly key: SortKey;
  readonly name: string;
}

/** The table of the findings of a page. `onSort` is called with the column whose heading was pressed. */
export function findingTable(columns: readonly Column[], onSort: (key: SortKey) => void) {
  const body = element('tbody', { role: 'rowgroup' });
  const headings = new Map(columns.map((column) => [column.key, heading(column, () => onSort(column.key))]));
  const forDetails = element(
    'th',
    { role: 'columnheader', scope: 'col', class: 'act' },
    element('span', { class: 'for-ears' }, 'Details'),
  );
  const root = element(
    'table',
    { role: 'table', class: 'findings', 'aria-labelledby': 'findings' },
    element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...headings.values(), forDetails)),
    body,
  );
  return {
    root,
    /** Shows these rows, and by what they are sorted. */
    update(rows: readonly Node[], { sort, descending }: ViewState): void {
      body.replaceChildren(...rows);
      for (const [key, th] of headings) {
        if (sort === key) th.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
        else th.removeAttribute('aria-sort');
      }
      root.hidden = rows.length === 0;
    },
  };
}

/** The columns that a report needs. */
export function columnsOf({ findings }: AuditReport): Column[] {
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
