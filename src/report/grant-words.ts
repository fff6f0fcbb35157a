import type { Finding } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';
import { isNearlyEverybody } from '../policy/vpc/everybody.ts';
import type { RuleText } from '../policy/vpc/rule-text.ts';
import { ANYONE, type CacheSource } from '../policy/vpc/source.ts';

/** A grant in the words of tables and pictures. Ids and names are whole. */
export interface GrantWords {
  readonly targetKind: 'cache security group' | 'cache';
  /** `sessions`, or `orders:6379` for a cache and those of its ports that are opened. */
  readonly target: string;
  /** The id of the security group's rule that opens the cache; not there of a public endpoint. */
  readonly rule?: string;
  readonly sourceKind: 'EC2 security group' | 'security group' | 'CIDR' | 'prefix list' | 'public endpoint';
  readonly source: string;
  /** Whose security group the source is; empty for what has no owner. */
  readonly owner: string;
}

/** What an owner is called whom EC2 does not name. */
export const UNKNOWN_OWNER = 'not known';

export function grantWords(grant: Grant): GrantWords {
  if (grant.kind !== 'vpc') {
    return {
      targetKind: 'cache security group',
      target: grant.target.cacheSecurityGroupName,
      sourceKind: 'EC2 security group',
      source: grant.source.ec2SecurityGroupName,
      owner: grant.source.ec2SecurityGroupOwnerId,
    };
  }
  const { cacheName, ports, securityGroupRuleId } = grant.target;
  const target = { targetKind: 'cache', target: `${cacheName}:${ports.join(',')}` } as const;
  const rule = securityGroupRuleId !== undefined && { rule: securityGroupRuleId };
  return { ...target, ...rule, ...sourceWords(grant.source) };
}

function sourceWords(source: CacheSource): Pick<GrantWords, 'sourceKind' | 'source' | 'owner'> {
  if (source.kind === 'cidr') return { sourceKind: 'CIDR', source: source.cidr, owner: '' };
  if (source.kind === 'prefixList') return { sourceKind: 'prefix list', source: source.prefixListId, owner: '' };
  if (source.kind === 'internet') return { sourceKind: 'public endpoint', source: ANYONE, owner: '' };
  const { securityGroupId, securityGroupOwnerId } = source;
  return { sourceKind: 'security group', source: securityGroupId, owner: securityGroupOwnerId ?? UNKNOWN_OWNER };
}

/**
 * Whether a grant allows access from every IPv4 or every IPv6 address, or nearly every one: `0.0.0.0/0`, `::/0`, `0.0.0.0/1`, or a prefix
 * list of which an entry that is known is such a range.
 */
export function isForEverybody({ kind, source }: Grant): boolean {
  if (kind !== 'vpc') return false;
  switch (source.kind) {
    case 'internet':
      return true;
    case 'cidr':
      return isNearlyEverybody(source.cidr);
    case 'prefixList':
      return source.entries?.some(isNearlyEverybody) ?? false;
    case 'securityGroup':
      return false;
  }
}

/**
 * How the page shows a source: as an id of AWS's, to be copied whole; or as a range, which is never broken in the middle. A report that
 * someone wrote may hold any text.
 */
export function sourceLook(words: GrantWords): 'aws-id' | 'whole' | '' {
  if (isSourceAnId(words)) return 'aws-id';
  return words.sourceKind === 'CIDR' && RANGE.test(words.source) ? 'whole' : '';
}

const RANGE = /^[0-9a-f.:]{2,39}\/[0-9]{1,3}$/;

/**
 * The parts of a text for which it must not matter where a line ends: every second part is an id of AWS's or a range, and stays whole. The
 * others lie between.
 */
export function splitAtIds(text: string): string[] {
  return text.split(ID_OR_RANGE);
}

const ID_OR_RANGE =
  /(\b[a-z]{2,4}-[0-9a-f]{8,17}\b|(?<![0-9a-f.:])(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f:]*::?[0-9a-f:]*)\/[0-9]{1,3}\b)/;

/** Whether the source is called by an id of AWS's, which is to be read and copied whole. */
function isSourceAnId({ sourceKind }: GrantWords): boolean {
  return sourceKind === 'security group' || sourceKind === 'prefix list';
}

/** What is worth knowing of rules next to the decisions on them, once for each rule: `sgr-0a: the rule opens ...` */
export function remarksOn(findings: readonly Finding[]): string[] {
  const remarks = findings.flatMap(({ grant, remark }) =>
    remark === undefined ? [] : `${grantWords(grant).rule}: ${remark}`,
  );
  return [...new Set(remarks)];
}

/** What the columns of a table of grants are called: in AWS's words if all are of one kind. */
export interface GrantHeads {
  readonly target: string;
  readonly source: string;
  /** Whether any source has an owner. */
  readonly withOwner: boolean;
  /** Whether a row must say what its target is. */
  readonly isMixed: boolean;
}

export function grantHeads(findings: readonly Finding[]): GrantHeads {
  const vpc = findings.flatMap(({ grant }) => (grant.kind === 'vpc' ? grant : []));
  const isMixed = vpc.length > 0 && vpc.length < findings.length;
  const [target, source] = isMixed
    ? (['target', 'source'] as const)
    : vpc.length > 0
      ? (['cache', 'source'] as const)
      : (['cache security group', 'EC2 security group'] as const);
  const withOwner = findings.length > vpc.length || vpc.some(({ source }) => source.kind === 'securityGroup');
  return { target, source, withOwner, isMixed };
}

/** A rule of a security group without its ids: `tcp 6379`, `tcp 0 to 65535`, `all protocols`. Its description is apart. */
export function ruleWords({ ipProtocol, fromPort = -1, toPort = -1 }: RuleText): string {
  if (ipProtocol === '-1') return 'all protocols';
  if (fromPort === -1 || toPort === -1) return `${ipProtocol}, all ports`;
  return `${ipProtocol} ${fromPort === toPort ? fromPort : `${fromPort} to ${toPort}`}`;
}
