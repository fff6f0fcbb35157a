import { quote } from '../quote.ts';
import { normalizeOwnerId, problemOf } from '../written.ts';
import { readCidr, writeCidr } from './cidr.ts';
import { isGroupName, isPrefixListId, isSecurityGroupId } from './names.ts';
import type { VpcSource } from './source.ts';

/** Who gets access by a rule, as someone wrote it: one of the three must be there, and an owner only with a security group. */
export interface WrittenVpcSource {
  readonly cidr?: unknown;
  readonly prefixListId?: unknown;
  /** With a prefix list, if its entries are known. */
  readonly entries?: unknown;
  readonly entryCount?: unknown;
  readonly securityGroupId?: unknown;
  readonly securityGroupOwnerId?: unknown;
  /** Only with a security group. */
  readonly securityGroupName?: unknown;
}

/** A source that was read, or why it cannot be. */
export type ReadSource<Source = VpcSource> =
  | { readonly source: Source; readonly problem?: never }
  | { readonly source?: never; readonly problem: string };

/** Who gets access by a rule, or why that is not known. Nothing is judged by half of it. Never throws. */
export function readVpcSource(written: WrittenVpcSource): ReadSource {
  const { cidr, prefixListId, securityGroupId } = written;
  const said = [cidr, prefixListId, securityGroupId].filter(isSaid);
  if (said.length !== 1) {
    return {
      problem: `the source is ${said.length === 0 ? 'missing' : 'said in several ways'}: one of a CIDR, a prefix list and a security group`,
    };
  }
  if (isSaid(written.entries) && !isSaid(prefixListId)) return { problem: 'entries are of a prefix list: say which' };
  if (isSaid(cidr)) return readCidrSource(cidr);
  if (isSaid(prefixListId)) return readPrefixListSource(prefixListId, written);
  return readSecurityGroupSource(written);
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function readCidrSource(cidr: unknown): ReadSource {
  const range = readCidr(cidr);
  return range
    ? { source: { kind: 'cidr', cidr: writeCidr(range) } }
    : { problem: problemOf('cidr', cidr, 'a range of addresses, such as 10.0.0.0/16') };
}

function readPrefixListSource(prefixListId: unknown, { entries, entryCount }: WrittenVpcSource): ReadSource {
  if (typeof prefixListId !== 'string' || !isPrefixListId(prefixListId)) {
    return { problem: problemOf('prefixListId', prefixListId, 'the id of a prefix list') };
  }
  if (!isSaid(entries)) return { source: { kind: 'prefixList', prefixListId } };
  const read = readEntries(entries);
  if (read === undefined) return { problem: `the entries of prefix list ${prefixListId} are not ranges of addresses` };
  const known = { kind: 'prefixList', prefixListId, entries: read } as const;
  if (!isSaid(entryCount)) return { source: known };
  return Number.isInteger(entryCount) && (entryCount as number) > read.length
    ? { source: { ...known, entryCount: entryCount as number } }
    : { problem: `the entryCount of prefix list ${prefixListId} is not larger than the number of its entries` };
}

/** The ranges of a prefix list's entries in their canonical form; `undefined` if one of them is none. */
export function readEntries(written: unknown): readonly string[] | undefined {
  if (!Array.isArray(written)) return undefined;
  const ranges = written.flatMap((entry) => readCidr(entry) ?? []);
  return ranges.length === written.length ? ranges.map(writeCidr) : undefined;
}

function readSecurityGroupSource(written: WrittenVpcSource): ReadSource {
  const { securityGroupId, securityGroupOwnerId, securityGroupName } = written;
  if (typeof securityGroupId !== 'string' || !isSecurityGroupId(securityGroupId)) {
    return { problem: problemOf("the source's securityGroupId", securityGroupId, 'the id of a security group') };
  }
  if (isSaid(securityGroupName) && !isGroupName(securityGroupName)) {
    return { problem: problemOf("the source's securityGroupName", securityGroupName, 'up to 255 characters') };
  }
  const named = {
    securityGroupId,
    ...(isSaid(securityGroupName) && { securityGroupName: securityGroupName as string }),
  };
  if (!isSaid(securityGroupOwnerId)) return { source: { kind: 'securityGroup', ...named } };
  const owner = normalizeOwnerId(securityGroupOwnerId);
  return owner === undefined
    ? { problem: `the source's securityGroupOwnerId ${quote(securityGroupOwnerId)} is not 12 digits` }
    : { source: { kind: 'securityGroup', ...named, securityGroupOwnerId: owner } };
}
