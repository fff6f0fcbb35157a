import { describe, expect, test } from 'vitest';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import { decide } from '../../../src/policy/decide.ts';
import { type Cidr, readCidr, sharedBits, writeCidr } from '../../../src/policy/vpc/cidr.ts';
import { RangeIndex } from '../../../src/policy/vpc/range-index.ts';
import { vpcGrant } from '../../support/examples/grants.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const read = (written: string): Cidr => readCidr(written) as Cidr;
const write = (written: string): string => writeCidr(read(written));

/** An index of which each item is a range. */
const indexOf = (written: readonly string[]) => new RangeIndex(written, (range) => [read(range)]);

const upTo = (length: number): number[] => Array.from({ length }, (_, i) => i);

describe('the ranges that hold another', () => {
  test.each([
    ['10.178.93.71', 32, '::/0'],
    ['2001:db8:a5c3:71f:8e2d:4b96:f0e1:7d3b', 128, '0.0.0.0/0'],
  ])('are those around it of every length, and none that is longer: %s', (address, longest, ofOtherFamily) => {
    const around = upTo(longest + 1).map((length) => write(`${address}/${length}`));
    const index = indexOf([ofOtherFamily, ...around]);

    for (const length of [0, 1, 7, 8, 9, 16, 23, longest - 1, longest]) {
      expect(index.holding(read(`${address}/${length}`)).flat()).toEqual(around.slice(0, length + 1));
    }
  });

  test.each([
    ['10.0.0.0/17', ['10.0.0.0/16', '10.0.0.0/17']],
    ['10.0.128.0/17', ['10.0.0.0/16', '10.0.128.0/17']],
    ['10.1.0.0/17', []],
    ['a00::/17', ['a00::/16']],
    ['a00:8000::/18', ['a00::/16', 'a00:8000::/17']],
  ])('are those with its own bits alone, and of its own family: %s', (asked, expected) => {
    const index = indexOf(['10.0.0.0/16', '10.0.0.0/17', '10.0.128.0/17', 'a00::/16', 'a00:8000::/17']);

    expect(index.holding(read(asked)).flat()).toEqual(expected);
  });
});

/** Ranges of both families, in no order, those of one between those of the other byte by byte. */
const MANY = [
  ...upTo(30).map((i) => `${(i * 7 + 3) % 210}.${i}.0.0/16`),
  ...upTo(30).map((i) => `${(((i * 11) % 30) * 7 + 4).toString(16)}00:${i}::/32`),
  ...['10.0.0.0/16', '10.200.0.0/16', 'a00:8000::/32', 'ac8:8000::/32'],
  ...upTo(20).map((i) => `a01:${i.toString(16)}::/32`),
  ...upTo(20).map((i) => `10.201.${i}.0/24`),
];
const ASKED = [
  ...['0.0.0.0/0', '0.1.2.0/24', '10.2.0.0/16', '10.201.30.0/24', '100.7.0.0/16', '101.0.0.0/9', '255.255.0.0/16'],
  ...['::/0', '::1/128', 'ac9::/32', 'a01:30::/32', '6400:7::/32', '6500::/9', 'ffff:ffff::/32'],
];

describe('the ranges near another', () => {
  test.each(ASKED)('have the one that shares the most bits with %s among them', (asked) => {
    const range = read(asked);
    const bitsOf = (others: readonly string[]) => Math.max(...others.map((other) => sharedBits(range, read(other))));

    const near = indexOf(MANY).near(range).flat();

    expect(bitsOf(near)).toBe(bitsOf(MANY));
  });
});

describe('a denial of a range by hundreds of rules for the same cache', () => {
  const rules = [
    ...upTo(150).map((i) => ({ id: `a-${i}`, caches: ['sessions'], cidrs: [`192.168.${i}.0/24`] })),
    ...upTo(150).map((i) => ({ id: `b-${i}`, caches: ['sessions'], cidrs: [`fd00:0:${i.toString(16)}::/48`] })),
    { id: 'first', caches: ['sessions'], cidrs: ['3.0.0.0/24'] },
    { id: 'last', caches: ['sessions'], cidrs: ['ff00::/32'] },
    { id: 'middle', caches: ['sessions'], cidrs: ['198.51.100.0/24', '2001:db8::/32'] },
  ];
  const allowlist = new CompiledAllowlist({ version: 1, rules });

  test.each([
    ['3.0.1.0/24', 'first', '3.0.0.0/24'],
    ['198.51.101.0/24', 'middle', '198.51.100.0/24'],
    ['2001:db9::/32', 'middle', '2001:db8::/32'],
    ['192.168.150.0/24', 'a-148', '192.168.148.0/24'],
    ['fd00:0:97::/48', 'b-148', 'fd00:0:94::/48'],
    ['ff00:1::/32', 'last', 'ff00::/32'],
  ])('names the one whose range is nearest to it: %s', (cidr, rule, nearest) => {
    const decision = decide(vpcGrant({ kind: 'cidr', cidr }), allowlist, NOW);

    const [reason] = decision.effect === 'deny' ? decision.reasons : [];
    expect(reason).toMatchObject({
      rule,
      text: `rule \`${rule}\` covers the cache but not CIDR \`${cidr}\` (nearest: ${nearest})`,
    });
  });
});
