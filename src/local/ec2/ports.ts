import { ApiError } from '../api-error.ts';
import type { Parameters } from '../parameters.ts';
import { shown } from '../query-request.ts';

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

/**
 * The ports of a rule; type and code for ICMP. Documented: for all other protocols any ports are open, whatever was written.
 *
 * @throws {ApiError} InvalidParameterValue. Its words are inferred but for TCP and UDP without both ports.
 */
export function readPorts(
  protocol: string,
  parameters: Parameters,
): { readonly fromPort: number; readonly toPort: number } {
  const isIcmp = protocol.startsWith('icmp');
  if (protocol !== 'tcp' && protocol !== 'udp' && !isIcmp) return { fromPort: -1, toPort: -1 };
  const most = isIcmp ? 255 : 65_535;
  const fromPort = readPort(parameters, 'FromPort', isIcmp ? -1 : 0, most, isIcmp);
  const toPort = readPort(parameters, 'ToPort', isIcmp ? -1 : 0, most, isIcmp);
  const isWrong = isIcmp ? fromPort === -1 && toPort !== -1 : fromPort > toPort;
  if (isWrong) {
    throw new ApiError('InvalidParameterValue', `Invalid value '${fromPort}-${toPort}' for portRange.`);
  }
  return { fromPort, toPort };
}

function readPort(parameters: Parameters, name: string, least: number, most: number, canMiss: boolean): number {
  const written = parameters.get(name);
  if (written === undefined && canMiss) return -1;
  if (written === undefined) {
    const message = "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.";
    throw new ApiError('InvalidParameterValue', message);
  }
  const port = /^(-1|[0-9]{1,5})$/.test(written) ? Number(written) : Number.NaN;
  if (!(port >= least && port <= most)) {
    const member = name === 'FromPort' ? 'fromPort' : 'toPort';
    throw new ApiError('InvalidParameterValue', `Invalid value '${shown(written)}' for ${member}.`);
  }
  return port;
}
