import { isIPv4, isIPv6 } from 'node:net';
import { ApiError } from '../api-error.ts';
import { shown } from '../shown.ts';

// Written with what Node has, and not with the library of the code that judges CIDRs: both would share its mistakes.

/**
 * An IPv4 range as EC2 keeps it, without host bits: `1.2.3.4/0` is `0.0.0.0/0`.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
 *
 * @throws {ApiError} InvalidParameterValue if it is none.
 */
export function canonicalIpv4(written: string): string {
  const { address, prefix } = split(written, 32);
  if (!isIPv4(address)) throw malformed(written);
  const bits = address.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
  const kept = withoutHostBits(bits, prefix, 32);
  const parts = [24n, 16n, 8n, 0n].map((shift) => (kept >> shift) & 0xffn);
  return `${parts.join('.')}/${prefix}`;
}

/**
 * An IPv6 range as EC2 keeps it: without host bits, compressed as RFC 5952 says. That it is compressed so is inferred.
 *
 * @throws {ApiError} InvalidParameterValue if it is none.
 */
export function canonicalIpv6(written: string): string {
  const { address, prefix } = split(written, 128);
  // A zone (`fe80::1%eth0`) is no part of an address.
  if (!isIPv6(address) || address.includes('%')) throw malformed(written);
  const kept = withoutHostBits(toBits(address), prefix, 128);
  const groups = Array.from({ length: 8 }, (_, i) => ((kept >> BigInt(16 * (7 - i))) & 0xffffn).toString(16));
  return `${compressed(groups.join(':'))}/${prefix}`;
}

function split(written: string, longest: number): { readonly address: string; readonly prefix: number } {
  const [, address = '', prefix = ''] = /^([0-9a-fA-F:.]{2,45})\/(0|[1-9][0-9]{0,2})$/.exec(written) ?? [];
  if (address === '' || Number(prefix) > longest) throw malformed(written);
  return { address, prefix: Number(prefix) };
}

function withoutHostBits(bits: bigint, prefix: number, length: number): bigint {
  const host = BigInt(length - prefix);
  return (bits >> host) << host;
}

function toBits(address: string): bigint {
  const [head = '', tail] = compressed(address).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

/** The WHATWG URL parser writes an address in the shortest form, and without dots. */
function compressed(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

/** Seen in public reports. */
function malformed(written: string): ApiError {
  return new ApiError('InvalidParameterValue', `CIDR block ${shown(written)} is malformed`);
}
