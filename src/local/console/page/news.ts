import type { Entry } from '../messages.ts';
import { wordsOf } from './badges.ts';
import { onlyGrantOf } from './decision.ts';
import { sourceText, targetText } from './grants.ts';

/** News closer together than this are announced as one, so that a screen reader does not talk without end. */
const NEWS_PAUSE_MS = 1500;

/** Announces entries to screen readers, in a live region of the page. An entry that changes again before that is announced once. */
export function announcer(region: HTMLElement): (entry: Entry) => void {
  const unannounced = new Map<number, Entry>();

  function announce(): void {
    const entry = [...unannounced.values()].at(-1);
    if (entry === undefined) return;
    const before = unannounced.size === 1 ? '' : `${unannounced.size} decisions, the last: `;
    region.textContent = `${before}${textOf(entry)}: ${wordsOf(entry.outcome)}`;
    unannounced.clear();
  }

  return (entry) => {
    if (unannounced.size === 0) setTimeout(announce, NEWS_PAUSE_MS);
    unannounced.set(entry.id, entry);
  };
}

function textOf(entry: Entry): string {
  const only = onlyGrantOf(entry);
  return only === undefined ? entry.title : `${targetText(only)} from ${sourceText(only.source)}`;
}
