import ipaddr from 'ipaddr.js';
import { quote } from '../quote.ts';

type IPv4 = ipaddr.IPv4;
type IPv6 = ipaddr.IPv6;
const { IPv4, IPv6 } = ipaddr;

/** A range of addresses. Its address has no bits beyond its length. */
export interface Cidr {
  readonly address: IPv4 | IPv6;
  /** The same, for comparing. */
  readonly bytes: readonly number[];
  /** How many of its first bits are fixed. */
  readonly length: number;
}

/** What is written in the one form there is of it: four decimal numbers, or groups of hexadecimal digits; and a length. */
const WRITTEN = /^([0-9.]{7,15}|[0-9a-fA-F:]{2,39})\/(0|[1-9][0-9]{0,2})$/;

/**
 * Reads a range of addresses: `10.0.0.0/16`, `2001:db8::/32`. Spellings that one reader takes for this and another for that are
 * refused: leading zeros (octal for some), fewer than four numbers, IPv4 within IPv6, zones, `/00`.
 *
 * @returns what it stands for, with the bits beyond its length cleared; `undefined` if it is no such range. Never throws.
 */
export function readCidr(written: unknown): Cidr | undefined {
  if (typeof written !== 'string') return undefined;
  const known = kept.get(written);
  if (known !== undefined) return known;
  const [, text = '', bits = ''] = WRITTEN.exec(written) ?? [];
  const range = parse(text, bits);
  if (range === undefined) return undefined;
  if (kept.size === MOST_KEPT) kept.clear();
  // Not `written` itself: V8 may hold it as a part of the answer that it came in, which would stay with it.
  kept.set(`${text}/${bits}`, range);
  return range;
}

/** An audit reads each range several times, and many rules have the same ones. */
const kept = new Map<string, Cidr>();
const MOST_KEPT = 2_000;

function parse(text: string, bits: string): Cidr | undefined {
  const isV4 = IPv4.isValidFourPartDecimal(text);
  if (!isV4 && !(text.includes(':') && IPv6.isValid(text))) return undefined;
  const length = Number(bits);
  if (length > (isV4 ? 32 : 128)) return undefined;
  const bytes = keepBits((isV4 ? IPv4.parse(text) : IPv6.parse(text)).toByteArray(), length);
  return { address: isV4 ? new IPv4(bytes) : new IPv6(bytes), bytes, length };
}

/** Clears what is behind the first bits. The library's own way reads the text two more times. */
function keepBits(bytes: readonly number[], length: number): number[] {
  return bytes.map((byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, length - at * 8))));
}

/** The one way to write a range: `10.0.0.0/16`, and IPv6 as RFC 5952 has it. */
export function writeCidr({ address, length }: Cidr): string {
  return `${address instanceof IPv6 ? address.toRFC5952String() : address.toString()}/${length}`;
}

/** Whether a range lies inside another. IPv4 and IPv6 never lie inside each other. */
export function isInside(narrow: Cidr, wide: Cidr): boolean {
  return isSameFamily(narrow, wide) && narrow.length >= wide.length && sharedBits(narrow, wide) === wide.length;
}

/** How many of their first bits two ranges share; 0 if one is IPv4 and the other IPv6. */
export function sharedBits(one: Cidr, other: Cidr): number {
  if (!isSameFamily(one, other)) return 0;
  const most = Math.min(one.length, other.length);
  for (let i = 0; i * 8 < most; i++) {
    const differing = (one.bytes[i] as number) ^ (other.bytes[i] as number);
    // Of the 32 bits that are counted, a byte has the last 8.
    if (differing !== 0) return Math.min(most, i * 8 + Math.clz32(differing) - 24);
  }
  return most;
}

/** Whether both are IPv4, or both IPv6. */
export function isSameFamily(one: Cidr, other: Cidr): boolean {
  return one.bytes.length === other.bytes.length;
}

/** Whether it is of the IPv6 addresses that stand for IPv4's (`::ffff:0:0/96`): what one reader takes for the other. */
function isMapped({ address }: Cidr): boolean {
  return address instanceof IPv6 && address.isIPv4MappedAddress();
}

/** What keeps a text from being a range that an allowlist may name, and the fix; `undefined` if nothing does. */
export function describeMisspeltCidr(written: string): string | undefined {
  const range = readCidr(written);
  if (range === undefined) {
    return `${quote(written)} is not a range of addresses, such as 10.0.0.0/16 or 2001:db8::/32`;
  }
  const canonical = writeCidr(range);
  if (isMapped(range)) return `${quote(written)} is IPv4 written as IPv6: write the IPv4 range`;
  return hasHostBits(written, range)
    ? `${quote(written)} has bits set behind its first ${range.length}: write ${canonical}`
    : undefined;
}

function hasHostBits(written: string, { address }: Cidr): boolean {
  const [text = ''] = written.split('/');
  return ipaddr.parse(text).toString() !== address.toString();
}
