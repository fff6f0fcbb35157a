import { groupBy } from '../group-by.ts';
import { literal } from '../name-pattern.ts';
import type { VpcAllowlistRule } from './allowlist-rule.ts';
import type { CacheGrant } from './grant.ts';
import type { SecurityGroupSource } from './source.ts';

/** A rule without its id, which depends on the others. */
export type LearntVpcRule = Omit<VpcAllowlistRule, 'id'>;

/**
 * The rules that allow exactly these grants: for each cache one, and more only where one would allow what is not there, because
 * ports, owners or places differ. What no rule can allow is left out.
 */
export function learnVpcRules(grants: readonly CacheGrant[]): LearntVpcRule[] {
  const alike = groupBy(
    grants.filter((grant) => whyNoVpcRuleAllows(grant) === undefined),
    ({ account, region, target, source }) =>
      JSON.stringify([target.cacheName, account, region, target.ports, ownerOf(account, source)]),
  );
  return [...alike].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, same]) => toRule(same));
}

/** What keeps every rule from allowing a grant, as a clause; `undefined` if a rule can. */
export function whyNoVpcRuleAllows({ account, source }: CacheGrant): string | undefined {
  if (source.kind === 'internet') return 'no rule is written for a public endpoint: anyone on the internet reaches it';
  if (ownerOf(account, source) === undefined) return 'the owner of the group is not known';
  return source.kind === 'cidr' && MAPPED.test(source.cidr) ? 'its range is IPv4 written as IPv6' : undefined;
}

/** Of `::ffff:0:0/96`, in the one form that a grant has. To read it would take all of ipaddr.js into each HTML report. */
const MAPPED = /^::ffff:[0-9a-f]+:[0-9a-f]+\//;

/** Who must own the groups of a rule. Any other source has no owner, and goes with groups of one's own. */
function ownerOf(account: string, source: CacheGrant['source']): string | undefined {
  if (source.kind !== 'securityGroup') return 'self';
  return source.securityGroupOwnerId === account ? 'self' : source.securityGroupOwnerId;
}

function toRule(grants: readonly CacheGrant[]): LearntVpcRule {
  const [{ account, region, target, source }] = grants as readonly [CacheGrant];
  const owner = ownerOf(account, source) as string;
  const sources = grants.map((grant) => grant.source);
  const groups = sources.filter((one) => one.kind === 'securityGroup');
  const securityGroupNames = sorted(groups.flatMap((one) => learntNameOf(account, one) ?? []));
  const securityGroupIds = sorted(
    groups.flatMap((one) => (learntNameOf(account, one) === undefined ? one.securityGroupId : [])),
  );
  const cidrs = sorted(sources.flatMap((one) => (one.kind === 'cidr' ? one.cidr : [])));
  const prefixListIds = sorted(sources.flatMap((one) => (one.kind === 'prefixList' ? one.prefixListId : [])));
  return {
    caches: [target.cacheName],
    ...(securityGroupIds.length > 0 && { securityGroupIds }),
    ...(securityGroupNames.length > 0 && { securityGroupNames }),
    ...(groups.length > 0 && { ownerIds: [owner] }),
    ...(cidrs.length > 0 && { cidrs }),
    ...(prefixListIds.length > 0 && { prefixListIds }),
    ports: [...target.ports],
    accounts: [account],
    regions: [region],
  };
}

/**
 * The name by which to allow a security group, as a pattern that stands for it alone; `undefined` for one to allow by its id. A name
 * outlives a rebuild of the group. `default` is the name of a group in each VPC, which no one chose.
 */
function learntNameOf(account: string, source: SecurityGroupSource): string | undefined {
  const { securityGroupName: name, securityGroupOwnerId } = source;
  if (name === undefined || name === 'default' || securityGroupOwnerId !== account) return undefined;
  return literal(name);
}

/** Each once, whatever the order in which they came. */
function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
