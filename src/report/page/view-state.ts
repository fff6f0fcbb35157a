/** What of the findings is shown, and how. It lives in the page's address, so that a view can be sent and kept. */
export interface ViewState {
  /** Words; a finding is shown if it has all of them. */
  readonly query: string;
  /** `all`, `disallowed`, `standing`, `everybody`, or an outcome. */
  readonly show: string;
  /** The key of a cause; empty for any. */
  readonly cause: string;
  /** Empty for any. */
  readonly region: string;
  /** Empty for the order of the report. */
  readonly sort: SortKey | '';
  readonly descending: boolean;
  /** From 1. */
  readonly page: number;
}

export const SORT_KEYS = ['outcome', 'target', 'source', 'owner', 'where', 'why'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export const DEFAULT_STATE: ViewState = {
  query: '',
  show: 'all',
  cause: '',
  region: '',
  sort: '',
  descending: false,
  page: 1,
};

/** The state of an address such as `#query=web&sort=-owner&page=2`. Whatever it holds, the outcome is a state. */
export function readHash(hash: string): ViewState {
  const written = new URLSearchParams(hash.replace(/^#/, ''));
  const sort = written.get('sort') ?? '';
  const key = SORT_KEYS.find((known) => known === sort.replace(/^-/, '')) ?? '';
  const page = Number(written.get('page') ?? 1);
  return {
    query: written.get('query') ?? DEFAULT_STATE.query,
    show: written.get('show') ?? DEFAULT_STATE.show,
    cause: written.get('cause') ?? DEFAULT_STATE.cause,
    region: written.get('region') ?? DEFAULT_STATE.region,
    sort: key,
    descending: key !== '' && sort.startsWith('-'),
    page: Number.isSafeInteger(page) && page >= 1 ? page : 1,
  };
}

/** The address of a state, without what is as it is by default; empty if all is. */
export function toHash(state: ViewState): string {
  const written = new URLSearchParams();
  for (const key of ['query', 'show', 'cause', 'region'] as const) {
    if (state[key] !== DEFAULT_STATE[key]) written.set(key, state[key]);
  }
  if (state.sort !== '') written.set('sort', `${state.descending ? '-' : ''}${state.sort}`);
  if (state.page !== 1) written.set('page', String(state.page));
  const text = written.toString();
  return text === '' ? '' : `#${text}`;
}
