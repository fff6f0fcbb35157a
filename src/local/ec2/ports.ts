import { ApiError } from '../api-error.ts';
import type { Parameters } from '../parameters.ts';
import { shown } from '../shown.ts';

/** Documented: these have names, all other protocols only numbers. */
const NAMED = new Map([
  ['1', 'icmp'],
  ['6', 'tcp'],
  ['17', 'udp'],
  ['58', 'icmpv6'],
]);

/**
 * A protocol as EC2 keeps it: `tcp` for 6, `-1` for all of them.
 *
 * @throws {ApiError} InvalidParameterValue. The words are seen in public reports.
 */
export function readProtocol(written: string): string {
  const protocol = written.toLowerCase();
  const number = /^(0|[1-9][0-9]{0,2})$/.test(protocol) && Number(protocol) <= 255;
  if (protocol === '-1' || [...NAMED.values()].includes(protocol)) return protocol;
  if (number) return NAMED.get(protocol) ?? protocol;
  throw new ApiError('InvalidParameterValue', `Invalid value '${shown(written)}' for IP protocol. Unknown protocol.`);
}

/** What a rule's ports are called in messages, and what they can be. */
const PORTS = { FromPort: 'TCP/UDP (from) port', ToPort: 'TCP/UDP (to) port', least: 0, most: 65_535 } as const;
const ICMP = { FromPort: 'ICMP type', ToPort: 'ICMP code', least: -1, most: 255 } as const;

/**
 * The ports of a rule; type and code for ICMP. Documented: for all other protocols any ports are open, whatever was written.
 *
 * @throws {ApiError} InvalidParameterValue. Its words are seen in public reports, except those about two numbers that do not go
 * together.
 */
export function readPorts(
  protocol: string,
  parameters: Parameters,
): { readonly fromPort: number; readonly toPort: number } {
  const isIcmp = protocol.startsWith('icmp');
  if (protocol !== 'tcp' && protocol !== 'udp' && !isIcmp) return { fromPort: -1, toPort: -1 };
  if (!isIcmp && !(parameters.has('FromPort') && parameters.has('ToPort'))) {
    throw invalidPorts('Invalid value for portRange. Must specify both from and to ports with TCP/UDP.');
  }
  const fromPort = readPort(parameters, 'FromPort', isIcmp ? ICMP : PORTS);
  const toPort = readPort(parameters, 'ToPort', isIcmp ? ICMP : PORTS);
  // Documented: all types of ICMP go with all codes only.
  if (isIcmp ? fromPort === -1 && toPort !== -1 : fromPort > toPort) {
    throw invalidPorts(`Invalid value for portRange. ${fromPort} and ${toPort} do not go together.`);
  }
  return { fromPort, toPort };
}

function readPort(parameters: Parameters, name: 'FromPort' | 'ToPort', kind: typeof PORTS | typeof ICMP): number {
  const written = parameters.get(name) ?? '-1';
  const port = /^(-1|[0-9]{1,5})$/.test(written) ? Number(written) : Number.NaN;
  if (!(port >= kind.least && port <= kind.most)) throw invalidPorts(`${kind[name]} (${shown(written)}) out of range`);
  return port;
}

function invalidPorts(message: string): ApiError {
  return new ApiError('InvalidParameterValue', message);
}
