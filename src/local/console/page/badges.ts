import { element } from '../../../page-kit/elements.ts';
import { type Look, OUTCOME_WORDS } from '../../../page-kit/outcome-words.ts';
import type { Verdict } from '../messages.ts';

interface Words {
  readonly words: string;
  readonly look: Look;
}

/** What only this page says. */
const MORE_WORDS: Readonly<Record<string, Words>> = {
  ...OUTCOME_WORDS,
  waiting: { words: 'waiting', look: 'unsure' },
  'not-allowed': { words: 'not allowed', look: 'bad' },
  'not-evaluated': { words: 'not evaluated', look: 'unsure' },
};

/** An outcome or a verdict in words. */
export function wordsOf(outcome: string): string {
  return MORE_WORDS[outcome]?.words ?? outcome;
}

export function badge(outcome: string | Verdict['as']): HTMLElement {
  return element('span', { class: `badge ${MORE_WORDS[outcome]?.look ?? 'gone'}` }, wordsOf(outcome));
}
