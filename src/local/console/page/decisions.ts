import { duration } from '../../../page-kit/duration.ts';
import { button, code, element, sentence } from '../../../page-kit/elements.ts';
import type { Decided, Entry } from '../messages.ts';
import { badge, wordsOf } from './badges.ts';
import { grantNodes, sourceText, targetText } from './grants.ts';
import { byId, keepFocus, type Shown } from './page.ts';
import { timeLine } from './time-line.ts';
import { canUndo, undoPanel } from './undo.ts';

/** As many as the server keeps. */
const MOST_ENTRIES = 200;
/** News closer together than this are announced as one, so that a screen reader does not talk without end. */
const NEWS_PAUSE_MS = 1500;

const TIME = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

/** The list of decisions, the newest first. */
export function decisionList() {
  const list = byId('decision-list', HTMLOListElement);
  const empty = byId('no-decisions', HTMLElement);
  const news = byId('news', HTMLElement);
  const items = new Map<number, { readonly item: HTMLLIElement; readonly outcome: string }>();
  /** What a person opened stays open when its entry is drawn again. */
  const panels = new Map<string, HTMLElement>();
  const unannounced = new Map<number, Entry>();
  let about: Shown['about'] | undefined;

  function show(entry: Entry): void {
    const known = items.get(entry.id);
    const item = known?.item ?? element('li', { class: 'card decision new' });
    keepFocus(item, () => item.replaceChildren(...draw(entry)));
    if (known === undefined) list.prepend(item);
    items.set(entry.id, { item, outcome: entry.outcome });
    const [oldest] = items;
    if (items.size <= MOST_ENTRIES || oldest === undefined) return;
    oldest[1].item.remove();
    items.delete(oldest[0]);
  }

  function draw(entry: Entry): Node[] {
    const { decided, moreDecided, outcome, why, startedAt, stoodMs, steps, title, account, region } = entry;
    const time = new Date(startedAt);
    const [only] = decided;
    const isOne = only !== undefined && decided.length + moreDecided === 1;
    const where = [
      ...((about?.accounts.length ?? 0) > 1 && account !== '' ? [nameOfAccount(account)] : []),
      ...((about?.regions.length ?? 0) > 1 && region !== '' ? [region] : []),
    ];
    return [
      element(
        'div',
        { class: 'outcome' },
        badge(outcome),
        steps.some(({ kind }) => kind === 'dead-letter') &&
          element('span', { class: 'hint' }, 'in the dead-letter queue'),
        stoodMs !== undefined && element('span', { class: 'hint' }, `revoked after ${duration(stoodMs)}`),
        element('time', { class: 'hint end', datetime: time.toISOString() }, TIME.format(time)),
      ),
      element('h3', {}, ...(isOne ? grantNodes(only) : [title])),
      element('p', { class: 'hint' }, ...[isOne ? title : '', ...where].filter((text) => text !== '').join(' · ')),
      ...(why === '' ? [] : [element('p', { class: 'why' }, ...sentence(why))]),
      isOne
        ? drawGrant(entry, only, 0, false)
        : element(
            'ul',
            { class: 'grants' },
            ...decided.map((one, i) => element('li', {}, drawGrant(entry, one, i, true))),
          ),
      ...(moreDecided > 0 ? [element('p', { class: 'hint' }, `and ${moreDecided} more grants`)] : []),
      ...timeLine(entry),
    ];
  }

  function nameOfAccount(id: string): string {
    const name = about?.accounts.find((one) => one.id === id)?.name;
    return name === undefined ? id : `${name} (${id})`;
  }

  function drawGrant(entry: Entry, decided: Decided, index: number, isNamed: boolean): HTMLElement {
    const { rule, why, outcome } = decided;
    // With the time, because ids begin again with each local AWS: the next one can be on the same port.
    const key = `${entry.id}:${entry.startedAt}:${index}`;
    const toggle =
      canUndo(decided) &&
      button({ class: 'small', 'data-key': key, 'aria-expanded': String(panels.has(key)) }, 'Undo', (self) => {
        const open = panels.get(key);
        self.setAttribute('aria-expanded', String(open === undefined));
        if (open !== undefined) {
          open.remove();
          panels.delete(key);
          return;
        }
        const panel = undoPanel(decided, { entryId: entry.id, index, key }, about?.guard?.allowlist ?? '');
        panels.set(key, panel);
        self.after(panel);
      });
    return element(
      'div',
      { class: 'grant' },
      isNamed && element('p', { class: 'named' }, badge(outcome), ' ', ...grantNodes(decided)),
      rule && element('p', { class: 'hint' }, 'by rule ', code(rule.id), ' of ', code(rule.group)),
      why !== '' && element('p', { class: 'why' }, ...sentence(why)),
      toggle,
      panels.get(key),
    );
  }

  function announce(): void {
    const entry = [...unannounced.values()].at(-1);
    if (entry === undefined) return;
    const before = unannounced.size === 1 ? '' : `${unannounced.size} decisions, the last: `;
    news.textContent = `${before}${textOf(entry)}: ${wordsOf(entry.outcome)}`;
    unannounced.clear();
  }

  return {
    /** Begins again: what was before is not new. */
    reset(shown: Shown, entries: readonly Entry[]): void {
      about = shown.about;
      keepFocus(list, () => {
        items.clear();
        list.replaceChildren();
        for (const entry of entries) show(entry);
      });
      for (const [key, panel] of panels) if (!panel.isConnected) panels.delete(key);
      for (const { item } of items.values()) item.classList.remove('new');
      empty.hidden = entries.length > 0;
      empty.replaceChildren(
        ...(about.guard === undefined
          ? ['Ingress Guard is not deployed here: nothing is decided.']
          : [
              'No decision yet. Open a port with the form, or with any AWS client that is pointed at ',
              code(location.origin),
              '.',
            ]),
      );
    },
    update(entries: readonly Entry[]): void {
      for (const entry of entries) {
        if (entry.outcome !== 'waiting' && entry.outcome !== items.get(entry.id)?.outcome) {
          if (unannounced.size === 0) setTimeout(announce, NEWS_PAUSE_MS);
          unannounced.set(entry.id, entry);
        }
        show(entry);
        empty.hidden = true;
      }
    },
  };
}

function textOf({ decided, moreDecided, title }: Entry): string {
  const [only] = decided;
  return only !== undefined && decided.length + moreDecided === 1
    ? `${targetText(only)} from ${sourceText(only.source)}`
    : title;
}
