import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalIpv4, canonicalIpv6 } from '../../../src/local/ec2/cidr.ts';

const KINDS = { ipv4: canonicalIpv4, ipv6: canonicalIpv6 } as const;
const ipv4 = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }));
const ipv6 = fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 }));

describe('a CIDR block', () => {
  test.each([
    ['1.2.3.4/0', '0.0.0.0/0'],
    ['100.68.0.18/18', '100.68.0.0/18'],
    ['10.0.0.1/32', '10.0.0.1/32'],
    ['255.255.255.255/31', '255.255.255.254/31'],
    ['10.1.2.3/8', '10.0.0.0/8'],
  ])('of IPv4 loses its host bits: %s becomes %s', (written, kept) => {
    expect(canonicalIpv4(written)).toBe(kept);
  });

  test.each([
    ['::1/0', '::/0'],
    ['0:0:0:0:0:0:0:0/0', '::/0'],
    ['2001:0DB8:0000:0000:0000:0000:0000:0001/128', '2001:db8::1/128'],
    ['2001:db8:ffff::1/33', '2001:db8:8000::/33'],
    ['::ffff:1.2.3.4/128', '::ffff:102:304/128'],
    ['1:0:0:2:0:0:0:3/128', '1:0:0:2::3/128'],
    ['1:2:3:4:5:6:7:8/127', '1:2:3:4:5:6:7:8/127'],
    ['1::/16', '1::/16'],
  ])('of IPv6 loses its host bits and is compressed: %s becomes %s', (written, kept) => {
    expect(canonicalIpv6(written)).toBe(kept);
  });

  test.each([
    ['ipv4', ipv4],
    ['ipv6', ipv6],
  ] as const)(
    'of %s still holds the address it was written with, and is kept as it is from then on',
    (kind, written) => {
      fc.assert(
        fc.property(written, ([address, prefix]) => {
          const kept = KINDS[kind](`${address}/${prefix}`);

          const [start = '', length] = kept.split('/');
          const block = new BlockList();
          block.addSubnet(start, prefix, kind);
          expect(block.check(address, kind)).toBe(true);
          expect(length).toBe(String(prefix));
          expect(KINDS[kind](kept)).toBe(kept);
        }),
      );
    },
  );

  test.each(['', '/', '10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '10.0.0/8', '010.0.0.0/8'])(
    'is malformed as one of IPv4: %j',
    (written) => {
      expect(() => canonicalIpv4(written)).toThrow(`CIDR block ${written} is malformed`);
    },
  );

  test.each(['10.0.0.0/8 ', '0x0a.0.0.0/8', '1.2.3.4.5/8', '256.0.0.0/8', '::/0', '10.0.0.0/8/8', '１０.0.0.0/8'])(
    'is malformed as one of IPv4, too: %j',
    (written) => {
      expect(() => canonicalIpv4(written)).toThrow(/^CIDR block .* is malformed$/);
    },
  );

  test.each([
    '',
    '::',
    '::/129',
    '::1%eth0/64',
    'fe80::1%1/64',
    ':::/0',
    '1:2:3:4:5:6:7/64',
    '12345::/16',
    '0.0.0.0/0',
  ])('is malformed as one of IPv6: %j', (written) => {
    expect(() => canonicalIpv6(written)).toThrow(/^CIDR block .* is malformed$/);
  });
});
