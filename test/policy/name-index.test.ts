import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NameIndex } from '../../src/policy/name-index.ts';
import { parseNamePattern } from '../../src/policy/name-pattern.ts';
import { times } from '../support/tools/fuzz.ts';
import { shortName, shortPattern } from './classic/arbitraries.ts';
import { naiveMatch } from './naive-match.ts';

/** An index in which each list of patterns is filed under those patterns, as a text. */
function indexOf(...lists: readonly (readonly string[])[]): NameIndex<string> {
  const patterns = new Map(lists.map((list) => [list.join(' '), list.map(parseNamePattern)]));
  return new NameIndex([...patterns.keys()], (text) => patterns.get(text) ?? []);
}

/** An index in which each pattern is filed under itself. */
const indexOfEach = (patterns: readonly string[]) => indexOf(...patterns.map((pattern) => [pattern]));

const found = (index: NameIndex<string>, name: string): string[] => index.find(name).flat();

describe('a name index', () => {
  it('finds what is filed under the exact name and under every pattern that covers it', () => {
    const index = indexOfEach(['web', 'web-*', '*-1', '*', '?eb-1', 'w*1', '*b-*', 'db', 'db-*']);

    expect(found(index, 'web-1').sort()).toEqual(['*', '*-1', '*b-*', '?eb-1', 'w*1', 'web-*']);
  });

  it('leaves out every rule that begins or ends otherwise', () => {
    expect(found(indexOfEach([]), 'web')).toEqual([]);
    expect(found(indexOfEach(['db', 'db-*', '*-db', 'we', 'web-', 'eb', 'web-*', '*-web']), 'web')).toEqual([]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('holds %s for a name like any other', (name) => {
    expect(found(indexOfEach(['web']), name)).toEqual([]);
    expect(found(indexOfEach([name]), name)).toEqual([name]);
  });

  it('keeps the rules of one name in the order in which they were given', () => {
    const index = indexOf(['web', 'c'], ['web', 'a'], ['web', 'b'], ['web', 'd']);

    expect(found(index, 'web')).toEqual(['web c', 'web a', 'web b', 'web d']);
  });

  it('files a rule once that names one thing twice', () => {
    expect(found(indexOf(['web*', 'web*', 'web*x']), 'web-1')).toEqual(['web* web* web*x']);
    expect(found(indexOf(['web', 'web']), 'web')).toEqual(['web web']);
  });

  it('takes two ways to write one exact name for the same', () => {
    expect(found(indexOf(['a\\*'], ['\\a\\*']), 'a*')).toEqual(['a\\*', '\\a\\*']);
  });

  it('finds names and patterns as long as they may be', () => {
    const long = 'x'.repeat(255);
    const index = indexOfEach([long, `${long}*`, `*${long}`, `${long.slice(1)}?`]);

    expect(found(index, long).sort()).toEqual([long, `${long}*`, `*${long}`, `${long.slice(1)}?`].sort());
  });

  it('finds all that trying every pattern finds', () => {
    fc.assert(
      fc.property(fc.uniqueArray(shortPattern, { maxLength: 30 }), shortName, (patterns, name) => {
        const matching = patterns.filter((pattern) => naiveMatch(pattern, name));
        expect(found(indexOfEach(patterns), name)).toEqual(expect.arrayContaining(matching));
      }),
      times(1_000),
    );
  });

  it('finds each of very many patterns, and hardly any other', () => {
    const prefixes = Array.from({ length: 20_000 }, (_, i) => `team-${i.toString(36)}`);
    const index = indexOfEach(prefixes.flatMap((prefix) => [`${prefix}.*`, `*.${prefix}`, prefix]));

    let others = 0;
    for (const prefix of prefixes) {
      for (const [name, pattern] of [
        [prefix, prefix],
        [`${prefix}.x`, `${prefix}.*`],
        [`x.${prefix}`, `*.${prefix}`],
      ] as const) {
        const rules = found(index, name);
        expect(rules).toContain(pattern);
        others += rules.length - 1;
      }
    }

    expect(others).toBeLessThan(prefixes.length / 100);
  });
});
