import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeMisspeltCidr, isInside, readCidr, sharedBits, writeCidr } from '../../../src/policy/vpc/cidr.ts';

const read = (written: string) => {
  const cidr = readCidr(written);
  if (cidr === undefined) throw new Error(`${written} is no range`);
  return cidr;
};

describe('a range of addresses', () => {
  it.each([
    ['10.0.0.0/16', '10.0.0.0/16'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['255.255.255.255/32', '255.255.255.255/32'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['2001:DB8:0:0:0:0:0:0/32', '2001:db8::/32'],
    ['::/0', '::/0'],
    ['2001:db8:0:1:0:0:0:1/128', '2001:db8:0:1::1/128'],
    // As EC2 does: "1.2.3.4/0 is 0.0.0.0/0".
    ['1.2.3.4/0', '0.0.0.0/0'],
    ['10.0.255.255/16', '10.0.0.0/16'],
    ['2001:db8::1/32', '2001:db8::/32'],
  ])('is read from %s, without the bits beyond its length, and written in one way', (written, canonical) => {
    expect(writeCidr(read(written))).toBe(canonical);
  });

  it.each([
    '',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/00',
    '10.0.0.0/08',
    '10.0.0.0/+8',
    '10.0.0.0/8.0',
    '10.0.0.0/-1',
    '10.0.0.0/ 8',
    ' 10.0.0.0/8',
    '10.0.0.0/8\n',
    '010.0.0.0/8',
    '10.0.0/8',
    '10/8',
    '167772160/8',
    '0x0a.0.0.0/8',
    '0x0a000000/8',
    '10.0.0.256/8',
    '10.0.0.0.0/8',
    '٠.0.0.0/8',
    '::/129',
    '::/00',
    ':/0',
    '1::2::3/64',
    '12345::/16',
    '::ffff:10.0.0.0/104',
    '::1.2.3.4/96',
    'fe80::1%eth0/64',
    '2001:db8::/32/32',
    '[::]/0',
    '*',
  ])('is not read from %j, which some readers would take for one range and others for another', (written) => {
    expect(readCidr(written)).toBeUndefined();
  });

  it('is read alike again, and after it nothing else is taken for one', () => {
    const first = writeCidr(read('10.7.255.255/16'));

    expect(writeCidr(read('10.7.255.255/16'))).toBe(first);
    expect(['', '/', '10.7.255.255', '/16'].map(readCidr)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it.each([undefined, null, 10, {}, ['10.0.0.0/8'], true])('is not read from %j', (value) => {
    expect(readCidr(value)).toBeUndefined();
  });

  it('is read or is not, and nothing is thrown, whatever the text is', () => {
    fc.assert(fc.property(fc.string(), (text) => void readCidr(text)));
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0123456789abcdef.:/'), maxLength: 45 }),
        (text) => void readCidr(text),
      ),
    );
  });
});

describe('a range that an allowlist names', () => {
  it.each(['10.0.0.0/16', '0.0.0.0/0', '2001:db8::/32', '2001:0DB8::/32', '10.1.2.3/32'])('may be %s', (written) => {
    expect(describeMisspeltCidr(written)).toBeUndefined();
  });

  it.each([
    ['10.0.0.1/16', '`10.0.0.1/16` has bits set behind its first 16: write 10.0.0.0/16'],
    ['2001:db8::1/32', '`2001:db8::1/32` has bits set behind its first 32: write 2001:db8::/32'],
    ['10.0.0.0/00', '`10.0.0.0/00` is not a range of addresses, such as 10.0.0.0/16 or 2001:db8::/32'],
    ['::ffff:a00:0/104', '`::ffff:a00:0/104` is IPv4 written as IPv6: write the IPv4 range'],
    ['::ffff:0:0/96', '`::ffff:0:0/96` is IPv4 written as IPv6: write the IPv4 range'],
  ])('may not be %s', (written, problem) => {
    expect(describeMisspeltCidr(written)).toBe(problem);
  });
});

describe('a range lies inside another', () => {
  it.each([
    ['10.0.1.0/24', '10.0.0.0/16', true],
    ['10.0.0.0/16', '10.0.0.0/16', true],
    ['10.0.0.0/8', '10.0.0.0/16', false],
    ['10.1.0.0/24', '10.0.0.0/16', false],
    ['0.0.0.0/0', '10.0.0.0/16', false],
    ['10.0.0.0/16', '0.0.0.0/0', true],
    ['2001:db8:1::/48', '2001:db8::/32', true],
    ['2001:db9::/48', '2001:db8::/32', false],
    ['::/0', '0.0.0.0/0', false],
    ['0.0.0.0/0', '::/0', false],
    ['10.0.0.0/8', '::/0', false],
  ])('%s inside %s: %s', (narrow, wide, expected) => {
    expect(isInside(read(narrow), read(wide))).toBe(expected);
  });

  const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
  const arbitraryRange = fc.tuple(octets, fc.nat(32)).map(([numbers, length]) => ({ numbers, length }));
  const bitsOf = (numbers: readonly number[], length: number): string =>
    numbers
      .map((number) => number.toString(2).padStart(8, '0'))
      .join('')
      .slice(0, length);

  it('exactly if the bits that the wider one fixes are those of the narrower one', () => {
    fc.assert(
      fc.property(arbitraryRange, arbitraryRange, fc.boolean(), (one, other, alike) => {
        const narrow = alike ? { ...one, numbers: other.numbers } : one;
        const [a, b] = [narrow, other].map(({ numbers, length }) => read(`${numbers.join('.')}/${length}`));
        const expected = bitsOf(narrow.numbers, narrow.length).startsWith(bitsOf(other.numbers, other.length));
        expect(isInside(a as never, b as never)).toBe(expected);
      }),
    );
  });

  it('the bits that two share are the ones that a range around both fixes', () => {
    expect(sharedBits(read('10.0.0.0/16'), read('10.1.0.0/16'))).toBe(15);
    expect(sharedBits(read('10.0.0.0/16'), read('10.0.0.0/8'))).toBe(8);
    expect(sharedBits(read('10.0.0.0/16'), read('2001:db8::/32'))).toBe(0);
  });
});
