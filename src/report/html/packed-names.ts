import type { Grant } from '../../policy/grant.ts';
import { quote } from '../../policy/quote.ts';
import { grantWords } from '../grant-words.ts';

/** In front of a text in which nothing is to be filled in. */
const AS_IT_IS = '\u0000';

/** `rule \1 does not cover owner id \4`, where that gives the text again; else the text itself. */
export function markNames(text: string, grant: Grant, rule: string | undefined): string {
  let marked = text;
  for (const [i, name] of namesOf(grant, rule).entries()) {
    if (name !== undefined) marked = marked.replaceAll(name, String.fromCharCode(i + 1));
  }
  return !marked.startsWith(AS_IT_IS) && fillNames(marked, grant, rule) === text ? marked : `${AS_IT_IS}${text}`;
}

export function fillNames(marked: string, grant: Grant, rule: string | undefined): string {
  if (marked.startsWith(AS_IT_IS)) return marked.slice(1);
  const names = namesOf(grant, rule);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the marks are control characters, which no name holds
  return marked.replace(/[\u0001-\u0006]/g, (mark) => names[mark.charCodeAt(0) - 1] ?? mark);
}

/** The names as the texts of reasons show them. */
function namesOf(grant: Grant, rule: string | undefined): (string | undefined)[] {
  const { account, region } = grant;
  const { target, source, owner } = grantWords(grant);
  const reached = grant.kind === 'vpc' ? grant.target.cacheName : target;
  return [rule === undefined ? undefined : `\`${rule}\``, ...[reached, source, owner, account, region].map(quote)];
}
