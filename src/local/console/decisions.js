// @ts-check
/** @import { About, Entry } from './messages.ts' */
import { badge, byId, element, milliseconds, sentence, wordsOf } from './elements.js';
import { timeLine } from './time-line.js';

/** As many as the server keeps. */
const MOST_ENTRIES = 200;
/** News closer together than this are told as one, so that a screen reader is not talked to without end. */
const NEWS_PAUSE_MS = 1500;

const TIME = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

/** The stream of decisions, the newest first. */
export function decisionList() {
  const list = byId('decision-list', HTMLOListElement);
  const empty = byId('no-decisions', HTMLElement);
  const news = byId('news', HTMLElement);
  /** @type {Map<number, { readonly item: HTMLLIElement, readonly verdict: string }>} */
  const shown = new Map();
  /** @type {Map<number, Entry>} */
  const untold = new Map();
  /** @type {About | undefined} */
  let about;

  /** @param {Entry} entry */
  function show(entry) {
    const item = draw(entry, about);
    const known = shown.get(entry.id);
    if (known === undefined) list.prepend(item);
    else known.item.replaceWith(item);
    shown.set(entry.id, { item, verdict: entry.verdict });
    if (known === undefined) item.classList.add('new');
    const [oldest] = shown;
    if (shown.size <= MOST_ENTRIES || oldest === undefined) return;
    oldest[1].item.remove();
    shown.delete(oldest[0]);
  }

  function tellNews() {
    const entry = [...untold.values()].at(-1);
    if (entry === undefined) return;
    const before = untold.size === 1 ? '' : `${untold.size} decisions, the last: `;
    news.textContent = `${before}${nameOf(entry)}: ${wordsOf(entry.verdict)}`;
    untold.clear();
  }

  return {
    /**
     * Begins anew: what was before is no news.
     *
     * @param {About} nowAbout
     * @param {readonly Entry[]} entries
     */
    reset(nowAbout, entries) {
      about = nowAbout;
      shown.clear();
      list.replaceChildren();
      for (const entry of entries) show(entry);
      for (const { item } of shown.values()) item.classList.remove('new');
      empty.hidden = entries.length > 0;
      empty.replaceChildren(
        `${about.guard ? 'No decision yet.' : 'Nothing happened yet.'} Authorize a grant with the form, or with any AWS client that is pointed at `,
        element('code', {}, location.origin),
        '.',
      );
    },
    /** @param {readonly Entry[]} entries */
    update(entries) {
      for (const entry of entries) {
        if (entry.verdict !== 'pending' && entry.verdict !== shown.get(entry.id)?.verdict) {
          if (untold.size === 0) setTimeout(tellNews, NEWS_PAUSE_MS);
          untold.set(entry.id, entry);
        }
        show(entry);
        empty.hidden = true;
      }
    },
  };
}

/**
 * @param {Entry} entry
 * @param {About | undefined} about
 */
function draw(entry, about) {
  const { grant, startedAt, steps, stoodMs, why } = entry;
  const verdict = entry.verdict === 'pending' && about?.guard === undefined ? 'not-judged' : entry.verdict;
  const time = new Date(startedAt);
  const [drawing, words] = timeLine({ ...entry, verdict });
  return element(
    'li',
    { class: 'card decision' },
    element(
      'div',
      { class: 'verdict' },
      badge(verdict),
      steps.some(({ kind }) => kind === 'dead-letter')
        ? element('span', { class: 'aside' }, 'in the dead-letter queue')
        : undefined,
      stoodMs === undefined ? undefined : element('span', { class: 'aside' }, `stood for ${milliseconds(stoodMs)}`),
      element('time', { class: 'aside end', datetime: time.toISOString() }, TIME.format(time)),
    ),
    grant === undefined
      ? element('h3', {}, entry.title ?? '')
      : element(
          'h3',
          {},
          element('code', {}, grant.ec2SecurityGroupName),
          ' of ',
          element('code', {}, grant.ec2SecurityGroupOwnerId),
          ' to ',
          element('code', {}, grant.cacheSecurityGroupName),
          (about?.regions.length ?? 0) > 1 ? ` in ${grant.region}` : '',
        ),
    ...why.map((text) => element('p', { class: 'why' }, ...sentence(text))),
    drawing,
    words,
  );
}

/** @param {Entry} entry */
function nameOf({ grant, title }) {
  return grant === undefined
    ? (title ?? '')
    : `${grant.ec2SecurityGroupName} of ${grant.ec2SecurityGroupOwnerId} to ${grant.cacheSecurityGroupName}`;
}
