import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NameIndex } from '../../src/policy/name-index.ts';
import { parseNamePattern } from '../../src/policy/name-pattern.ts';
import { shortName, shortPattern } from './arbitraries.ts';
import { naiveMatch } from './naive-match.ts';

/** An index in which each pattern is filed under itself. */
function indexOf(patterns: readonly string[]): NameIndex<string> {
  const index = new NameIndex<string>();
  for (const pattern of patterns) index.add(parseNamePattern(pattern), pattern);
  return index;
}

const found = (index: NameIndex<string>, name: string) => index.find(name).flat().sort();

describe('a name index', () => {
  it('finds what is filed under the exact name and under every pattern that matches it', () => {
    const index = indexOf(['web', 'web-*', '*-1', '*', '?eb-1', 'w*1', '*b-*', 'db', 'db-*']);

    expect(found(index, 'web-1')).toEqual(['*', '*-1', '*b-*', '?eb-1', 'w*1', 'web-*']);
    expect(found(index, 'web')).toEqual(['*', 'web']);
  });

  it('finds nothing where nothing matches', () => {
    expect(indexOf([]).find('web')).toEqual([]);
    expect(indexOf(['db', 'db-*', '*-db', '?']).find('web').flat()).toEqual([]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('holds %s for a name like any other', (name) => {
    expect(indexOf(['web']).find(name)).toEqual([]);
    expect(found(indexOf([name]), name)).toEqual([name]);
  });

  it('keeps the items of one pattern in the order in which they were added', () => {
    const index = new NameIndex<number>();
    for (const item of [3, 1, 2]) {
      index.add(parseNamePattern('web'), item);
      index.add(parseNamePattern('w*'), item);
    }

    expect(index.find('web')).toEqual([
      [3, 1, 2],
      [3, 1, 2],
    ]);
  });

  it('takes two ways to write one exact name for the same', () => {
    const index = new NameIndex<string>();
    index.add(parseNamePattern('a\\*'), 'escaped');
    index.add(parseNamePattern('\\a\\*'), 'escaped twice');

    expect(index.find('a*')).toEqual([['escaped', 'escaped twice']]);
  });

  it('finds names and patterns as long as they may be', () => {
    const long = 'x'.repeat(255);
    const index = indexOf([long, `${long}*`, `*${long}`, `${long.slice(1)}?`, `${long}x*`]);

    expect(found(index, long)).toEqual([long, `${long}*`, `*${long}`, `${long.slice(1)}?`].sort());
  });

  it('finds exactly what trying every pattern finds', () => {
    fc.assert(
      fc.property(fc.uniqueArray(shortPattern, { maxLength: 30 }), shortName, (patterns, name) => {
        expect(found(indexOf(patterns), name)).toEqual(patterns.filter((pattern) => naiveMatch(pattern, name)).sort());
      }),
      { numRuns: 1_000 },
    );
  });

  it('finds each of very many patterns', () => {
    const prefixes = Array.from({ length: 20_000 }, (_, i) => `team-${i.toString(36)}`);
    const index = indexOf(prefixes.flatMap((prefix) => [`${prefix}.*`, `*.${prefix}`, prefix]));

    const wrong = prefixes.filter(
      (prefix) =>
        found(index, prefix).join() !== prefix ||
        found(index, `${prefix}.x`).join() !== `${prefix}.*` ||
        found(index, `x.${prefix}`).join() !== `*.${prefix}`,
    );

    expect(wrong).toEqual([]);
  });
});
