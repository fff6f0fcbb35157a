import { ApiError } from '../api-error.ts';
import { type Parameters, readText, required } from '../parameters.ts';
import { canonicalIpv4, canonicalIpv6 } from './cidr.ts';
import type { AddressFamily, PrefixListEntry } from './prefix-lists.ts';
import { readItems } from './query-lists.ts';

/** How many entries one call can add, and how many it can remove. Documented. */
const MOST_ENTRIES = 100;

/**
 * The entries that a call names: `Entry.1.Cidr`, `Entry.1.Description` and so on.
 *
 * @throws {ApiError} MissingParameter, or InvalidParameterValue for too many, or for a CIDR block of another address family.
 */
export function readEntries(parameters: Parameters, list: string, family: AddressFamily): PrefixListEntry[] {
  const items = readItems(parameters, list);
  if (items.length > MOST_ENTRIES) throw tooMany(list);
  return items.map((item) => ({
    cidr: readCidr(item, family),
    ...(item.get('Description') && { description: readText(item, 'Description', 255) }),
  }));
}

/** The CIDR blocks that a call names in such a list. @throws {ApiError} as `readEntries`. */
export function readCidrs(parameters: Parameters, list: string, family: AddressFamily): string[] {
  return readEntries(parameters, list, family).map(({ cidr }) => cidr);
}

function readCidr(item: Parameters, family: AddressFamily): string {
  const written = required(item, 'Cidr');
  return family === 'IPv4' ? canonicalIpv4(written) : canonicalIpv6(written);
}

/** The words of the former are seen in public reports, with their mistake; deployed programs look for those of the latter. */
function tooMany(list: string): ApiError {
  const message =
    list === 'Entry'
      ? `The number of entries per request cannot exceeds limit (${MOST_ENTRIES}).`
      : `The request cannot contain more than ${MOST_ENTRIES} entry additions or removals.`;
  return new ApiError('InvalidParameterValue', message);
}

/** @throws {ApiError} InvalidParameterValue. The words are seen in public reports. */
export function readMaxEntries(parameters: Parameters): number {
  const written = required(parameters, 'MaxEntries');
  const size = /^[0-9]{1,4}$/.test(written) ? Number(written) : 0;
  if (size < 1 || size > 1000)
    throw new ApiError('InvalidParameterValue', 'Must specify a max size between 1 and 1000');
  return size;
}

/**
 * @throws {ApiError} InvalidParameterValue for a name that AWS keeps for itself. The words were seen on AWS by those who make
 * another local AWS: https://github.com/floci-io/floci
 */
export function readPrefixListName(parameters: Parameters): string {
  const name = readText(parameters, 'PrefixListName', 255);
  if (/^com\.(amazonaws|amazon|aws)\./.test(name)) {
    const message = 'The prefix list name cannot begin with (com.amazonaws., com.amazon., com.aws.).';
    throw new ApiError('InvalidParameterValue', message);
  }
  return name;
}
