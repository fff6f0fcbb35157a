import type { AccountPaths } from '../../../src/policy/account-paths.ts';
import type { AnyAllowlistRule } from '../../../src/policy/allowlist-fields.ts';
import type { ClassicAllowlistRule } from '../../../src/policy/classic/allowlist-rule.ts';
import type { ClassicGrant } from '../../../src/policy/classic/grant.ts';
import type { Part } from '../../../src/policy/parts.ts';
import { naiveMatch } from '../naive-match.ts';

/**
 * The judgement as DESIGN.md tells it, by asking every rule in turn: no index, no compilation. For rules whose names
 * and ids are plain ASCII.
 */
export function judgePlainly(
  grant: ClassicGrant,
  rules: readonly ClassicAllowlistRule[],
  instant: Date,
  paths: AccountPaths = new Map(),
) {
  const judged = rules
    .map((rule) => ({ rule: rule.id, misses: partsMissedBy(rule, grant, instant, paths) }))
    .sort((a, b) => (a.rule < b.rule ? -1 : 1));
  const allowing = judged.find(({ misses }) => misses.length === 0);
  if (allowing !== undefined) return { effect: 'allow' as const, rule: allowing.rule };
  const nearest = judged
    .filter(({ misses }) => !(misses.includes('cacheSecurityGroup') && misses.includes('ec2SecurityGroup')))
    .sort((a, b) => a.misses.length - b.misses.length);
  return { effect: 'deny' as const, reasons: nearest.slice(0, 3) };
}

/** Whether a rule is in force where an account is: no limit, or the account itself, or a unit that it is in. */
export function isAccountCovered(rule: AnyAllowlistRule, account: string, paths: AccountPaths): boolean {
  const { accounts, organizationalUnits } = rule;
  const limits = [...(accounts ?? []).map((entry) => entry.replaceAll('-', '')), ...(organizationalUnits ?? [])];
  const isLimited = accounts !== undefined || organizationalUnits !== undefined;
  return !isLimited || [account, ...(paths.get(account) ?? [])].some((id) => limits.includes(id));
}

function partsMissedBy(rule: ClassicAllowlistRule, grant: ClassicGrant, instant: Date, paths: AccountPaths): Part[] {
  const { account, region, target, source } = grant;
  const covers: Partial<Record<Part, boolean>> = {
    cacheSecurityGroup: rule.cacheSecurityGroups.some((pattern) =>
      naiveMatch(pattern.toLowerCase(), target.cacheSecurityGroupName),
    ),
    ec2SecurityGroup: rule.ec2SecurityGroups.some((pattern) => naiveMatch(pattern, source.ec2SecurityGroupName)),
    ownerId: rule.ownerIds.some(
      (entry) =>
        entry === '*' || (entry === 'self' ? account : entry.replaceAll('-', '')) === source.ec2SecurityGroupOwnerId,
    ),
    account: isAccountCovered(rule, account, paths),
    region: rule.regions === undefined || rule.regions.includes(region),
    expires: rule.expires === undefined || instant.toISOString().slice(0, 10) <= rule.expires,
  };
  return (Object.keys(covers) as Part[]).filter((part) => !covers[part]);
}
