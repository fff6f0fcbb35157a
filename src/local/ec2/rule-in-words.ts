import type { RuleProperties, Source } from './rule-properties.ts';

/**
 * A rule as EC2 writes it in messages. Seen in public reports: `peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW`,
 * `peer: 0.0.0.0/0, ALL, ALLOW` and `peer: 12.12.12.12/32, protocol: 50, ALLOW`; that of ICMP is inferred.
 */
export function inWords({ ipProtocol, fromPort, toPort, source }: RuleProperties): string {
  return `peer: ${peerOf(source)}, ${trafficOf(ipProtocol, fromPort, toPort)}, ALLOW`;
}

function peerOf(source: Source): string {
  if ('cidrIpv4' in source) return source.cidrIpv4;
  if ('cidrIpv6' in source) return source.cidrIpv6;
  return 'prefixListId' in source ? source.prefixListId : source.referencedGroupId;
}

function trafficOf(ipProtocol: string, fromPort: number, toPort: number): string {
  if (ipProtocol === '-1') return 'ALL';
  if (/^[0-9]/.test(ipProtocol)) return `protocol: ${ipProtocol}`;
  if (ipProtocol.startsWith('icmp')) return `${ipProtocol.toUpperCase()}, type: ${all(fromPort)}, code: ${all(toPort)}`;
  return `${ipProtocol.toUpperCase()}, from port: ${fromPort}, to port: ${toPort}`;
}

function all(number: number): string {
  return number === -1 ? 'ALL' : String(number);
}
