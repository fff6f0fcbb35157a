import { code, element } from '../../../page-kit/elements.ts';
import type { Entry } from '../messages.ts';
import { drawDecision } from './decision.ts';
import { announcer } from './news.ts';
import { byId, keepFocus, type Shown } from './page.ts';
import { undoPanels } from './undo-panels.ts';

/** As many as the server keeps. */
const MOST_ENTRIES = 200;

/** The list of decisions, the newest first. */
export function decisionList() {
  const list = byId('decision-list', HTMLOListElement);
  const empty = byId('no-decisions', HTMLElement);
  const announce = announcer(byId('news', HTMLElement));
  const panels = undoPanels();
  const items = new Map<number, { readonly item: HTMLLIElement; readonly outcome: string }>();
  let about: Shown['about'] | undefined;

  function show(entry: Entry): void {
    const known = items.get(entry.id);
    const item = known?.item ?? element('li', { class: 'card decision new' });
    const allowlist = about?.guard?.allowlist ?? '';
    keepFocus(item, () =>
      item.replaceChildren(
        ...drawDecision(entry, about, (decided, index) => panels.draw(entry, decided, index, allowlist)),
      ),
    );
    if (known === undefined) list.prepend(item);
    items.set(entry.id, { item, outcome: entry.outcome });
    const [oldest] = items;
    if (items.size <= MOST_ENTRIES || oldest === undefined) return;
    oldest[1].item.remove();
    items.delete(oldest[0]);
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
      panels.forgetGone();
      for (const { item } of items.values()) item.classList.remove('new');
      empty.hidden = entries.length > 0;
      empty.replaceChildren(...whyEmpty(about));
    },
    update(entries: readonly Entry[]): void {
      for (const entry of entries) {
        if (entry.outcome !== 'waiting' && entry.outcome !== items.get(entry.id)?.outcome) {
          announce(entry);
        }
        show(entry);
        empty.hidden = true;
      }
    },
  };
}

/** Why there is no decision yet, and how to get one. */
function whyEmpty({ guard }: Shown['about']): (Node | string)[] {
  if (guard === undefined) return ['Ingress Guard is not deployed here: nothing is decided.'];
  const how = 'No decision yet. Open a port with the form, or with any AWS client that is pointed at ';
  return [how, code(location.origin), '.'];
}
