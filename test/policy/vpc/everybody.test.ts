import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findWarnings } from '../../../src/policy/allowlist-warnings.ts';
import { parseAllowlist } from '../../../src/policy/parse-allowlist.ts';
import type { VpcAllowlistRule } from '../../../src/policy/vpc/allowlist-rule.ts';
import { type Cidr, readCidr, writeCidr } from '../../../src/policy/vpc/cidr.ts';
import { areNearlyEverybody, isNearlyEverybody } from '../../../src/policy/vpc/everybody.ts';
import { times } from '../../support/tools/fuzz.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const ranges = (...written: string[]): Cidr[] => written.map((one) => readCidr(one) as Cidr);
const everyEighth = (from: number, step: number): string[] =>
  Array.from({ length: (224 - from) / step }, (_, i) => `${from + i * step}.0.0.0/8`);

describe('a range', () => {
  test.each([
    '0.0.0.0/0',
    '0.0.0.0/1',
    '128.0.0.0/1',
    '8.0.0.0/7',
    '10.0.0.0/7',
    '192.0.0.0/3',
    '::/0',
    '::/1',
    '8000::/1',
    '2000::/3',
    '2600::/15',
    'fc00::/6',
    'fe80::/9',
  ])('of %s lets nearly everybody in', (cidr) => {
    expect(isNearlyEverybody(cidr)).toBe(true);
    expect(areNearlyEverybody(ranges(cidr))).toBe(true);
  });

  test.each([
    ...['10.0.0.0/8', '3.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '224.0.0.0/4', '224.0.0.0/3'],
    ...['2001::/16', '2001:db8::/32', 'fc00::/7', 'fd00::/8', 'fe80::/10', 'ff00::/8'],
  ])('of %s does not', (cidr) => {
    expect(isNearlyEverybody(cidr)).toBe(false);
    expect(areNearlyEverybody(ranges(cidr))).toBe(false);
  });

  test('lets as many in by itself as in a list of its own, whichever it is', () => {
    const arbitrary = fc.oneof(
      fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 32 })).map(([a, n]) => `${a}.0.0.0/${n}`),
      fc
        .tuple(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 128 }))
        .map(([a, n]) => `${a.toString(16)}::/${n}`),
    );
    fc.assert(
      fc.property(arbitrary, (written) => {
        const range = readCidr(written) as Cidr;

        expect(areNearlyEverybody([range])).toBe(isNearlyEverybody(writeCidr(range)));
      }),
      times(500),
    );
  });
});

describe('ranges together', () => {
  test.each<[string, string[]]>([
    ['neighbours', ['8.0.0.0/8', '9.0.0.0/8']],
    ['neighbours in any order, with one inside another', ['9.0.0.0/8', '9.1.0.0/16', '8.128.0.0/9', '8.0.0.0/9']],
    ['neighbours in IPv6', ['2600::/16', '2601::/16']],
  ])('let nearly everybody in if they are as many in a row: %s', (_, written) => {
    expect(areNearlyEverybody(ranges(...written))).toBe(true);
  });

  test('let nearly everybody in if they are half of all', () => {
    const half = [...everyEighth(1, 2), ...everyEighth(0, 2).map((cidr) => cidr.replace('/8', '/10'))];

    expect(areNearlyEverybody(ranges(...half))).toBe(true);
    expect(areNearlyEverybody(ranges(...everyEighth(1, 2)))).toBe(false);
  });

  test('do not if they are private, few, or of two families', () => {
    expect(areNearlyEverybody(ranges('10.0.0.0/8', '11.0.0.0/8', '127.0.0.0/8', 'fc00::/8', 'fd00::/8'))).toBe(false);
    expect(areNearlyEverybody(ranges('3.0.0.0/8', '15.0.0.0/8', '2600::/16'))).toBe(false);
    expect(areNearlyEverybody([])).toBe(false);
  });
});

/** The ranges that fill another but for a hole in it, whose number has two parts: `10.0.0.0/7` around `10.1.0.0/16`. */
function around(wide: string, hole: string): string[] {
  const [from, length] = readTwoParts(wide);
  const [holeFrom, holeLength] = readTwoParts(hole);
  return Array.from({ length: holeLength - length }, (_, i) => {
    const size = 1 << (15 - length - i);
    const first = holeFrom - ((holeFrom - from) % size);
    const other = (first - from) % (2 * size) === 0 ? first + size : first - size;
    return `${other >> 8}.${other & 255}.0.0/${length + i + 1}`;
  });
}

function readTwoParts(written: string): [number, number] {
  const { bytes, length } = readCidr(written) as Cidr;
  return [(bytes[0] as number) * 256 + (bytes[1] as number), length];
}

describe('as many addresses in a row as nearly everybody has', () => {
  test.each([
    ['10.0.0.0/7', '10.0.0.0/8'],
    ['126.0.0.0/7', '127.0.0.0/8'],
    ['172.0.0.0/7', '172.16.0.0/12'],
    ['192.0.0.0/7', '192.168.0.0/16'],
    ['168.0.0.0/7', '169.254.0.0/16'],
    ['100.0.0.0/7', '100.64.0.0/10'],
  ])('are not there if a part of them is private: all of %s with %s apart', (wide, hole) => {
    expect(areNearlyEverybody(ranges(...around(wide, hole), hole))).toBe(false);
  });

  test.each([
    ['100.0.0.0/7', ['100.0.0.0/9', '100.128.0.0/10', '101.64.0.0/10']],
    ['168.0.0.0/7', ['168.254.0.0/16', '169.254.0.0/15', '169.252.0.0/16']],
    ['172.0.0.0/7', ['172.0.0.0/11', '172.32.0.0/12', '173.16.0.0/12']],
    ['192.0.0.0/7', ['192.168.0.0/13', '192.168.0.0/15', '192.170.0.0/16', '193.168.0.0/16']],
  ])('are there if no part of them is private as a whole: %s, with each of %j apart', (wide, holes) => {
    const known = holes.filter((hole) => areNearlyEverybody(ranges(...around(wide, hole), hole)));

    expect(known).toEqual(holes);
  });

  test('are not there if one range of the row is missing', () => {
    expect(areNearlyEverybody(ranges(...around('172.0.0.0/7', '172.32.0.0/12')))).toBe(false);
  });
});

test('ranges of exactly half of all addresses let nearly everybody in, and of a little less do not', () => {
  const odd = everyEighth(1, 2).filter((cidr) => cidr !== '127.0.0.0/8');
  const halves = everyEighth(12, 2)
    .map((cidr) => cidr.replace('/8', '/9'))
    .slice(0, 36);

  expect(areNearlyEverybody(ranges(...odd, ...halves))).toBe(true);
  expect(areNearlyEverybody(ranges(...odd, ...halves.slice(1), '12.0.0.0/10'))).toBe(false);
});

describe('a check of an allowlist', () => {
  const warningsOf = (...rules: readonly Partial<VpcAllowlistRule>[]) => {
    const document = { version: 1, rules: rules.map((rule, i) => ({ id: `r${i}`, caches: ['sessions'], ...rule })) };
    const { allowlist } = parseAllowlist(document);
    if (allowlist === undefined) throw new Error('not valid');
    return findWarnings(allowlist, NOW).map(({ path, message }) => `${path.slice(1).join('.')}: ${message}`);
  };

  test('warns of everybody in halves as of everybody', () => {
    expect(warningsOf({ cidrs: ['0.0.0.0/1', '128.0.0.0/1'] }, { cidrs: ['::/1', '8000::/1'] })).toEqual([
      '0.cidrs.0: rule `r0` allows nearly every address there is: `0.0.0.0/1`',
      '0.cidrs.1: rule `r0` allows nearly every address there is: `128.0.0.0/1`',
      '1.cidrs.0: rule `r1` allows nearly every address there is: `::/1`',
      '1.cidrs.1: rule `r1` allows nearly every address there is: `8000::/1`',
    ]);
  });

  test('warns of ranges that do so together, in one rule or in several for one cache, once', () => {
    expect(warningsOf({ cidrs: ['8.0.0.0/8', '9.0.0.0/8'] })).toEqual([
      '0.cidrs: the ranges of rule `r0` together allow nearly every address there is',
    ]);
    expect(warningsOf({ cidrs: ['8.0.0.0/8'] }, { cidrs: ['9.0.0.0/8'], caches: ['s*'] })).toEqual([
      '0.cidrs: the ranges of rules `r0`, `r1` together allow nearly every address there is to cache `sessions`',
    ]);
  });

  test('warns once of rules with tens of thousands of caches that they share', () => {
    const caches = Array.from({ length: 30_000 }, (_, i) => `c-${i}`);

    expect(warningsOf({ caches, cidrs: ['8.0.0.0/8'] }, { caches, cidrs: ['9.0.0.0/8'] })).toEqual([
      '0.cidrs: the ranges of rules `r0`, `r1` together allow nearly every address there is to cache `c-0`',
    ]);
  });

  test.each<[string, Partial<VpcAllowlistRule>]>([
    ['caches', { caches: ['carts'] }],
    ['regions', { regions: ['eu-west-1'] }],
    ['accounts', { accounts: ['111122223333'] }],
    ['times', { expires: '2026-11-01' }],
  ])('does not add up the ranges of rules for other %s', (_, changes) => {
    const one = { cidrs: ['8.0.0.0/8'], regions: ['us-east-1'], accounts: ['444455556666'] };
    const warnings = warningsOf(one, {
      regions: ['us-east-1'],
      accounts: ['444455556666'],
      ...changes,
      cidrs: ['9.0.0.0/8'],
    });

    expect(warnings.filter((warning) => warning.includes('together'))).toEqual([]);
  });
});
