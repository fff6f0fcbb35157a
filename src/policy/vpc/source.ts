import { isNearlyEverybody } from './everybody.ts';

/** Who reaches a cache: the source of a security group rule, or anyone. */
export type CacheSource = VpcSource | InternetSource;

/** Who gets access by a security group rule: one of these. */
export type VpcSource = CidrSource | PrefixListSource | SecurityGroupSource;

/** Anyone on the internet, IPv4 and IPv6: by the cache's public endpoint, without a security group rule. */
export interface InternetSource {
  readonly kind: 'internet';
}

/** IPv4 or IPv6 addresses, canonical: `10.0.0.0/16`, `2001:db8::/32`. */
export interface CidrSource {
  readonly kind: 'cidr';
  readonly cidr: string;
}

export interface PrefixListSource {
  readonly kind: 'prefixList';
  readonly prefixListId: string;
  /**
   * The ranges of its entries, canonical, in the order of the list. If these are not all, those that are for nearly everybody come first.
   * Not there if they were not read.
   */
  readonly entries?: readonly string[];
  /** How many entries there are, if `entries` holds only the first of them. */
  readonly entryCount?: number;
}

/** What a prefix list holds; nothing of one that is being changed. */
export type PrefixListContent =
  | { readonly entries: readonly string[]; readonly isChanging?: never }
  | { readonly isChanging: true; readonly entries?: never };

/** Whatever is in another security group, or in the same. Judged by its owner, and by its id or its name. */
export interface SecurityGroupSource {
  readonly kind: 'securityGroup';
  readonly securityGroupId: string;
  /** As EC2 has it; case matters. Not there if no one asked, or EC2 does not list the group: one of another account, or a new one. */
  readonly securityGroupName?: string;
  /** Not there if EC2 does not say whose the group is. */
  readonly securityGroupOwnerId?: string;
}

/** How people read the source of a public endpoint. */
export const ANYONE = 'anyone on the internet';

/** The same with the name of a security group, where it is known: `sg-0a (web) of 999988887777`. */
export function describeNamedSource(source: CacheSource): string {
  if (source.kind !== 'securityGroup' || source.securityGroupName === undefined) return describeSource(source);
  const { securityGroupId, securityGroupName } = source;
  return describeSource({ ...source, securityGroupId: `${securityGroupId} (${securityGroupName})` });
}

/** Who gets access, in a few words: `0.0.0.0/0`, `pl-0f`, `sg-0a of 999988887777`. */
export function describeSource(source: CacheSource): string {
  switch (source.kind) {
    case 'cidr':
      return source.cidr;
    case 'prefixList':
      return source.prefixListId;
    case 'internet':
      return ANYONE;
    case 'securityGroup':
      return `${source.securityGroupId} of ${source.securityGroupOwnerId ?? 'an unknown owner'}`;
  }
}

/** How many entries of a prefix list a finding holds. A list can have 1,000, and each of its findings would repeat them. */
const MOST_ENTRIES = 20;

/** A source as a finding holds it: of a long prefix list the first entries, those for nearly everybody before all others, and how many there are. */
export function shortenSource(source: VpcSource): VpcSource {
  if (source.kind !== 'prefixList' || source.entries === undefined || source.entries.length <= MOST_ENTRIES) {
    return source;
  }
  const { entries } = source;
  // Who reads the finding must see that the list is open to nearly everybody.
  const [wide, others] = [entries.filter(isNearlyEverybody), entries.filter((entry) => !isNearlyEverybody(entry))];
  return { ...source, entries: [...wide, ...others].slice(0, MOST_ENTRIES), entryCount: entries.length };
}
