/**
 * A value from outside as code in GitHub's Markdown, also within a table. There, a backtick and `|` end something even in a code span,
 * and a backslash does not always keep them: such a value becomes a code element of character references.
 * https://github.github.com/gfm/#tables-extension-
 *
 * In code GitHub makes no mention, no link and no reference to an issue of what it finds.
 *
 * @param shown on one line, without characters that no one sees: see `printable` and `visible`.
 */
export function codeSpan(shown: string): string {
  if (shown !== '' && !/[`|\\\r\n]|^ | $/.test(shown)) return `\`${shown}\``;
  return `<code>${asReferences(shown, /[^A-Za-z0-9]/gu)}</code>`;
}

/** Words of ours as text, whatever is in them: no markup, no mention, no link. */
export function plainText(words: string): string {
  return words
    .split(/([@#]+)/)
    .map((part, i) =>
      i % 2 === 1 ? codeSpan(part) : asReferences(part, /[^A-Za-z0-9 ,.:;()'"?!%+=–·✗✓-]|\.(?=\S)|:(?=[^\s\d])/gu),
    )
    .join('');
}

/** A sentence of ours in which names stand between backticks. */
export function sentenceText(sentence: string): string {
  return sentence
    .split('`')
    .map((part, i) => (i % 2 === 1 ? codeSpan(part) : plainText(part)))
    .join('');
}

/** A block of code, whatever is in it: its fence is longer than any row of backticks there. */
export function codeBlock(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([row]) => row.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function asReferences(text: string, which: RegExp): string {
  return text.replace(which, (character) => `&#${character.codePointAt(0)};`);
}
