import type { Outcome } from '../policy/outcome.ts';

/** `1 grant`, `12,345 grants`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${thousands(number)} ${number === 1 ? one : many}`;
}

/** `12,345`, wherever it is written: a locale must not change a report. */
export function thousands(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `2027-01-31 12:00:05 UTC` */
export function instant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** `840 ms`, `12.4 s`, `3 min 5 s` */
export function duration(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${thousands(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

export function list(items: readonly string[], word: 'and' | 'or'): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

/** A heading begins with a capital. */
export function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/**
 * A value from outside, whole, for a page: what cannot be seen (controls, characters that turn the direction of writing,
 * halves of pairs) is shown by its number, so that no name can pass for another.
 */
export function visible(text: string): string {
  return text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (hidden) => `\\u{${(hidden.codePointAt(0) as number).toString(16).padStart(4, '0')}}`,
  );
}

/** How an outcome reads on a page, and how it looks. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, { readonly words: string; readonly look: Look }>> = {
  allowed: { words: 'allowed', look: 'good' },
  revoked: { words: 'revoked', look: 'gone' },
  'already-gone': { words: 'already gone', look: 'gone' },
  'would-revoke': { words: 'would revoke', look: 'bad' },
  pending: { words: 'waits for its cache', look: 'bad' },
  held: { words: 'held', look: 'bad' },
  'not-applicable': { words: 'not applicable', look: 'gone' },
  ignored: { words: 'ignored', look: 'gone' },
  rejected: { words: 'rejected', look: 'bad' },
  failed: { words: 'failed', look: 'bad' },
};

export type Look = 'good' | 'gone' | 'bad' | 'unsure';
