// Who gets access by a range of addresses, if it is very wide. Reads texts by hand: ipaddr.js would have to be in each HTML report.
import type { Cidr } from './cidr.ts';

/** A range shorter than this has two or more of the largest blocks that one organization holds. */
const SHORTEST = { 4: 8, 6: 16 } as const;
type Family = keyof typeof SHORTEST;

/**
 * Whether a range alone allows access from nearly everybody: it is shorter than /8 (IPv6: /16), and not of addresses that no one on the
 * internet has: private, link-local, multicast, reserved (IANA's registries of special-purpose addresses). The ranges that are private
 * in IPv4 are all longer.
 *
 * @param cidr in its canonical form: `0.0.0.0/1`, `8000::/1`.
 */
export function isNearlyEverybody(cidr: string): boolean {
  const [address = '', length = ''] = cidr.split('/');
  if (address.includes(':')) {
    return isWide(6, Number.parseInt(address.split(':')[0] || '0', 16), Number(length));
  }
  return isWide(4, Number(address.split('.')[0]), Number(length));
}

function isWide(family: Family, first: number, length: number): boolean {
  return length < SHORTEST[family] && !isInsideNobodys(family, first, length);
}

/**
 * Whether ranges together allow access from nearly everybody: as many public addresses in a row as a single range that does, or
 * half of all that there are in IPv4, or in the part of IPv6 that is given out (2000::/3).
 */
export function areNearlyEverybody(ranges: readonly Cidr[]): boolean {
  return ([4, 6] as const).some((family) => {
    const spans = ranges.filter((range) => familyOf(range) === family && !isNobodys(range)).map(toSpan);
    const runs = toRuns(spans);
    const all = runs.reduce((sum, run) => sum + run, 0n);
    const bits = family === 4 ? 32 : 128;
    const many = 1n << BigInt(bits - SHORTEST[family] + 1);
    return runs.some((run) => run >= many) || all >= 1n << BigInt(family === 4 ? 31 : 124);
  });
}

function familyOf({ bytes }: Cidr): Family {
  return bytes.length === 4 ? 4 : 6;
}

function isNobodys(range: Cidr): boolean {
  const [a = 0, b = 0] = range.bytes;
  return familyOf(range) === 4 ? isPrivateV4(a, b, range.length) : isInsideNobodys(6, (a << 8) | b, range.length);
}

/** 224.0.0.0/3; fc00::/7, fe80::/10, ff00::/8. */
function isInsideNobodys(family: Family, first: number, length: number): boolean {
  if (family === 4) return length >= 3 && first >= 224;
  return (
    (length >= 7 && first >> 9 === 0xfc >> 1) ||
    (length >= 10 && first >> 6 === 0xfe80 >> 6) ||
    (length >= 8 && first >> 8 === 0xff)
  );
}

/** The same, and 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16. */
function isPrivateV4(a: number, b: number, length: number): boolean {
  return (
    isInsideNobodys(4, a, length) ||
    (length >= 8 && (a === 10 || a === 127)) ||
    (length >= 12 && a === 172 && b >> 4 === 1) ||
    (length >= 16 && ((a === 192 && b === 168) || (a === 169 && b === 254))) ||
    (length >= 10 && a === 100 && b >> 6 === 1)
  );
}

interface Span {
  readonly from: bigint;
  /** Not one of them any more. */
  readonly to: bigint;
}

function toSpan({ bytes, length }: Cidr): Span {
  const from = bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
  return { from, to: from + (1n << BigInt(bytes.length * 8 - length)) };
}

/** How many addresses there are in each run without a gap. */
function toRuns(spans: readonly Span[]): bigint[] {
  const runs: bigint[] = [];
  let [from, to] = [0n, 0n];
  for (const span of spans.toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))) {
    if (span.from > to) {
      runs.push(to - from);
      from = span.from;
      to = span.to;
    } else if (span.to > to) to = span.to;
  }
  return [...runs, to - from];
}
