import { thousands } from '../page-kit/duration.ts';
import { OUTCOME_WORDS as KIT_WORDS, type Look } from '../page-kit/outcome-words.ts';
import type { Outcome } from '../policy/outcome.ts';

export { duration, thousands } from '../page-kit/duration.ts';
export type { Look } from '../page-kit/outcome-words.ts';
export { visible } from '../page-kit/visible.ts';

/** `1 grant`, `12,345 grants`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${thousands(number)} ${number === 1 ? one : many}`;
}

/** `2027-01-31 12:00:05 UTC` */
export function instant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

export function list(items: readonly string[], word: 'and' | 'or'): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

/** A heading begins with a capital. */
export function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** How an outcome reads on a page, and how it looks. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, { readonly words: string; readonly look: Look }>> = KIT_WORDS;
