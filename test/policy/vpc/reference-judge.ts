import { BlockList, isIPv6 } from 'node:net';
import type { AccountPaths } from '../../../src/policy/account-paths.ts';
import type { VpcAllowlistRule } from '../../../src/policy/vpc/allowlist-rule.ts';
import type { CacheGrant } from '../../../src/policy/vpc/grant.ts';
import { isAccountCovered } from '../classic/reference-judge.ts';
import { naiveMatch } from '../naive-match.ts';

/** The judgement on a grant of a security group's rule, by asking every rule in turn. Node's own code looks into ranges. */
export function judgeVpcGrantPlainly(
  grant: CacheGrant,
  rules: readonly VpcAllowlistRule[],
  instant: Date,
  paths: AccountPaths = new Map(),
) {
  const allowing = rules.filter((rule) => allows(rule, grant, instant, paths)).map(({ id }) => id);
  allowing.sort();
  return allowing[0] === undefined ? { effect: 'deny' as const } : { effect: 'allow' as const, rule: allowing[0] };
}

function allows(
  rule: VpcAllowlistRule,
  { account, region, target, source }: CacheGrant,
  instant: Date,
  paths: AccountPaths,
): boolean {
  const owners = (rule.ownerIds ?? ['self']).map((entry) => (entry === 'self' ? account : entry.replaceAll('-', '')));
  const who =
    source.kind === 'internet'
      ? rule.publicEndpoint
      : 'cidr' in source
        ? (rule.cidrs ?? []).some((entry) => lies(source.cidr, entry))
        : 'prefixListId' in source
          ? rule.prefixListIds?.includes(source.prefixListId)
          : source.securityGroupOwnerId !== undefined &&
            (rule.securityGroupIds?.includes(source.securityGroupId) || isNamed(rule, source.securityGroupName)) &&
            (owners.includes('*') || owners.includes(source.securityGroupOwnerId));
  return (
    who === true &&
    rule.caches.some((pattern) =>
      [target.cacheName, ...(target.clusterNames ?? [])].some((name) => naiveMatch(pattern, name)),
    ) &&
    (rule.ports === undefined || target.ports.every((port) => rule.ports?.includes(port))) &&
    isAccountCovered(rule, account, paths) &&
    (rule.regions === undefined || rule.regions.includes(region)) &&
    (rule.expires === undefined || instant.toISOString().slice(0, 10) <= rule.expires)
  );
}

/** A name that is not known is none: not even `*` covers it. */
function isNamed({ securityGroupNames = [] }: VpcAllowlistRule, name: string | undefined): boolean {
  return name !== undefined && securityGroupNames.some((pattern) => naiveMatch(pattern, name));
}

function lies(narrow: string, wide: string): boolean {
  const [address = '', length] = narrow.split('/');
  const [network = '', bits] = wide.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (isIPv6(network) !== isIPv6(address) || Number(length) < Number(bits)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
}
