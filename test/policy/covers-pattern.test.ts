import { expect, it } from 'vitest';
import { coversPattern, parseNamePattern } from '../../src/policy/name-pattern.ts';
import { naiveMatch } from './naive-match.ts';

/** Every text of up to so many of these characters. */
function textsOf(characters: string, length: number): string[] {
  const longer = (texts: readonly string[]): string[] =>
    texts.flatMap((text) => [...characters].map((one) => text + one));
  let all: string[] = [''];
  for (let last = all; length > 0; length--) {
    last = longer(last);
    all = [...all, ...last];
  }
  return all;
}

const covers = (wide: string, narrow: string) => coversPattern(parseNamePattern(wide), parseNamePattern(narrow));

// A name one longer than the longest pattern tells all that can be told of patterns of two letters.
const NAMES = textsOf('ab', 4);
const PATTERNS = textsOf('ab*?', 3);
const MATCHED = new Map(
  PATTERNS.map((pattern) => [pattern, new Set(NAMES.filter((name) => naiveMatch(pattern, name)))]),
);
const reallyCovers = (wide: string, narrow: string) =>
  [...(MATCHED.get(narrow) ?? [])].every((name) => MATCHED.get(wide)?.has(name));
const PAIRS = PATTERNS.flatMap((wide) => PATTERNS.map((narrow) => [wide, narrow] as const));

it('says of no pattern that it covers another when some name tells otherwise', () => {
  const wrong = PAIRS.filter(([wide, narrow]) => covers(wide, narrow) && !reallyCovers(wide, narrow));

  expect(wrong).toEqual([]);
});

it('sees every pattern that covers a name', () => {
  const missed = PAIRS.filter(
    ([wide, narrow]) => !/[*?]/.test(narrow) && covers(wide, narrow) !== reallyCovers(wide, narrow),
  );

  expect(missed).toEqual([]);
});

it('sees that every pattern covers itself, and that a star covers all', () => {
  for (const pattern of PATTERNS) {
    expect(covers(pattern, pattern), pattern).toBe(true);
    expect(covers('*', pattern), pattern).toBe(true);
  }
});

it('misses no pair but those where a star stands beside a question mark, or beside another star', () => {
  const missed = PAIRS.filter(([wide, narrow]) => reallyCovers(wide, narrow) && !covers(wide, narrow));

  expect(missed.filter(([wide, narrow]) => !/\*[*?]|\?\*/.test(wide + narrow))).toEqual([]);
});
