import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNamePattern } from '../../src/policy/name-pattern.ts';
import { times } from '../support/tools/fuzz.ts';
import { shortName, shortPattern } from './classic/arbitraries.ts';
import { naiveMatch } from './naive-match.ts';

function matches(text: string, name: string): boolean {
  const pattern = parseNamePattern(text);
  return typeof pattern === 'string' ? pattern === name : pattern.matches(name);
}

describe('a name pattern', () => {
  it.each([
    ['web', 'web', true],
    ['web', 'web-1', false],
    ['web', 'we', false],
    ['web', 'Web', false],
    ['web-*', 'web-', true],
    ['web-*', 'web-1-blue', true],
    ['web-*', 'my-web-1', false],
    ['*', '', true],
    ['*', 'anything at all', true],
    ['**', '', true],
    ['*-prod', 'web-prod', true],
    ['*-prod', 'web-prod-2', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['*ab*ab*', 'xaby', false],
    ['*ab*ab*', 'xabab', true],
    ['?', '', false],
    ['?', 'x', true],
    ['web-?', 'web-12', false],
    ['web-??', 'web-12', true],
    ['?*?', 'x', false],
    ['?*?', 'xy', true],
    ['a?*', 'a', false],
    ['*?b?*', 'abc', true],
  ])('%j matches %j: %j', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  it.each(['[web]', '[a-z]', '{a,b}', '!web', 'we.b', '^web$', '(web)', 'a|b', '+', '#', '$&', '%41'])(
    'takes %j as nothing but that name',
    (name) => {
      expect(matches(name, name)).toBe(true);
      expect(matches(name, 'web')).toBe(false);
      expect(matches(name, 'a')).toBe(false);
    },
  );

  it.each([
    ['a\\*', 'a*', 'ab'],
    ['a\\?', 'a?', 'ab'],
    ['a\\\\', 'a\\', 'a\\\\'],
    ['\\[', '[', '\\['],
    ['\\w\\eb', 'web', '\\w\\eb'],
    ['\\**', '*-all', 'x-all'],
    ['*\\*', 'all-*', 'all-x'],
  ])('%j takes the character after a backslash as it is: matches %j, not %j', (pattern, name, other) => {
    expect(matches(pattern, name)).toBe(true);
    expect(matches(pattern, other)).toBe(false);
  });

  it.each(['\\', 'web\\', '*\\', '\\\\\\'])('%j is refused, for its lone backslash at the end', (pattern) => {
    expect(() => parseNamePattern(pattern)).toThrow(SyntaxError);
    expect(() => parseNamePattern(pattern)).toThrow('ends in a lone backslash: write `\\\\` for a backslash');
  });

  it('does not take a star in a name for a wildcard', () => {
    expect(matches('web', '*')).toBe(false);
    expect(matches('web-1', 'web-*')).toBe(false);
    expect(matches('a?c', 'a*')).toBe(false);
  });

  it('agrees with trying every possibility', () => {
    fc.assert(
      fc.property(shortPattern, shortName, (pattern, name) => {
        expect(matches(pattern, name)).toBe(naiveMatch(pattern, name));
      }),
      times(5_000),
    );
  });

  it('agrees with trying every possibility on every short pattern and name of two letters', () => {
    const all = (letters: string, length: number): string[] =>
      length === 0 ? [''] : ['', ...[...letters].flatMap((letter) => all(letters, length - 1).map((t) => letter + t))];
    const names = [...new Set(all('ab', 5))];
    const disagreements = [...new Set(all('ab*?', 4))].flatMap((pattern) =>
      names.filter((name) => matches(pattern, name) !== naiveMatch(pattern, name)).map((name) => ({ pattern, name })),
    );

    expect(disagreements).toEqual([]);
  });

  it('matches every name once that name is escaped, and no other', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 255 }), fc.string({ maxLength: 255 }), (name, other) => {
        const pattern = name.replace(/[*?\\]/g, '\\$&');
        expect(matches(pattern, name)).toBe(true);
        expect(matches(pattern, other)).toBe(other === name);
      }),
    );
  });

  it.each([
    ['*a*a*a*a*b', 'a'.repeat(10_000)],
    [`${'*a'.repeat(100)}b`, 'a'.repeat(255)],
    ['*'.repeat(512), 'a'.repeat(10_000)],
    [`${'*?'.repeat(200)}b`, 'a'.repeat(255)],
    ['*aaaaaaaaab*aaaaaaaaab', 'a'.repeat(10_000)],
  ])('comes to an end on hostile names: %s', (pattern, name) => {
    expect(matches(pattern, name)).toBe(!pattern.includes('b'));
    expect(matches(pattern, `${name}b`)).toBe(pattern !== '*aaaaaaaaab*aaaaaaaaab');
  });
});

describe('an example of a pattern', () => {
  const exampleOf = (text: string) => {
    const pattern = parseNamePattern(text);
    return typeof pattern === 'string' ? pattern : pattern.example();
  };

  it('is a name with nothing for each star, a letter for each question mark, and the rest as it is', () => {
    expect(exampleOf('a*b?c\\*')).toBe('abxc*');
    expect(exampleOf('*')).toBe('');
  });

  it('is a name that it matches', () => {
    fc.assert(
      fc.property(shortPattern, (text) => {
        expect(naiveMatch(text, exampleOf(text))).toBe(true);
      }),
    );
  });
});

it('a pattern without a wildcard is a plain name', () => {
  expect(parseNamePattern('web')).toBe('web');
  expect(parseNamePattern('a\\*\\?\\\\b\\c')).toBe('a*?\\bc');
});
