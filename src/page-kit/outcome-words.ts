/** How an outcome is marked: by its colour and, on the console, its sign. */
export type Look = 'good' | 'gone' | 'bad' | 'unsure';

/** How an outcome reads on a page, and how it looks. */
export const OUTCOME_WORDS = {
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
} as const satisfies Readonly<Record<string, { readonly words: string; readonly look: Look }>>;
