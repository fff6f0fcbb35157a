import { connector } from '../aws/connect.ts';
import { groupsOfRules } from '../aws/ec2/groups-of-rules.ts';
import { CacheIndex } from '../enforcement/cache-index.ts';
import { askGroupNames } from '../enforcement/look/group-names.ts';
import type { Grant } from '../policy/grant.ts';
import { grantsOf, type SecurityGroupRule, speaksTcp } from '../policy/vpc/security-group-rule.ts';
import { CommandError } from './io.ts';
import { oneLine } from './one-line.ts';

/**
 * The grants that these security group rules make, as EC2 and ElastiCache say it now, with the credentials of the caller.
 *
 * @param refuse is called with why a rule makes no grant: it is not in the region, it opens no cache. By default it throws.
 * @throws {CommandError} if the region cannot be asked, or a rule cannot be read.
 */
export async function grantsOfRules(
  ids: readonly string[],
  region: string,
  refuse: (why: string) => void = refuseAtOnce,
): Promise<Grant[]> {
  try {
    return await look(ids, region, refuse);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const why = oneLine((error as Error).message, 400);
    throw new CommandError(`${ids[0]} cannot be looked up in ${region}: ${why}`, { cause: error });
  }
}

function refuseAtOnce(why: string): never {
  throw new CommandError(`${why}: check its id, and --region`);
}

async function look(ids: readonly string[], region: string, refuse: (why: string) => void): Promise<Grant[]> {
  const { ec2Client } = await import('../aws/ec2/client.ts');
  const groups = await groupsOfRules(ec2Client({ region }), ids);
  for (const id of ids) if (!groups.has(id)) refuse(`there is no security group rule ${id} in ${region}`);
  if (groups.size === 0) return [];
  const aws = connector()({ account: '', region });
  const index = new CacheIndex(await aws.listCaches(), new Date());
  const grants: Grant[] = [];
  for await (const page of aws.listRules([...new Set(groups.values())])) {
    const asked = page.filter(({ rule, unreadable }) => ids.includes((rule ?? unreadable)?.securityGroupRuleId ?? ''));
    const unreadable = asked.flatMap((one) => one.unreadable ?? [])[0];
    if (unreadable !== undefined) {
      throw new CommandError(`rule ${unreadable.securityGroupRuleId} cannot be read: ${unreadable.problem}`);
    }
    for (const { egressRuleId } of page) {
      if (egressRuleId !== undefined && ids.includes(egressRuleId)) refuse(`${egressRuleId} is an egress rule`);
    }
    const rules = asked.flatMap(({ rule }) => rule ?? []);
    const { nameRule } = await askGroupNames(rules, aws);
    for (const rule of rules) {
      const unknown = speaksTcp(rule) ? whatIsUnknown(rule, index) : undefined;
      if (unknown !== undefined) throw new CommandError(`what ${describe(rule)} opens is not known: ${unknown}`);
      const made = grantsOf(await withEntries(nameRule(rule), aws), index.guardedBy(rule.securityGroupId));
      if (made.length === 0) refuse(`${describe(rule)} opens no cache in ${region}`);
      grants.push(...made);
    }
  }
  return grants;
}

/** A cache behind the rule's security group of which no port is known, or of which not all is: an answer without it would look like all of it. */
function whatIsUnknown({ securityGroupId }: SecurityGroupRule, index: CacheIndex): string | undefined {
  const [awaited] = index.awaitedBehind(securityGroupId);
  if (awaited !== undefined) return `cache ${awaited.cacheName} is being created and has no port yet`;
  return index.problemBehind(securityGroupId);
}

/** What a prefix list holds can decide. */
async function withEntries(
  rule: SecurityGroupRule,
  aws: Pick<ReturnType<ReturnType<typeof connector>>, 'readPrefixList'>,
): Promise<SecurityGroupRule> {
  if (rule.source.kind !== 'prefixList') return rule;
  const { entries } = await aws.readPrefixList(rule.source.prefixListId);
  return entries === undefined ? rule : { ...rule, source: { ...rule.source, entries } };
}

function describe({ securityGroupRuleId, securityGroupId }: SecurityGroupRule): string {
  return `rule ${securityGroupRuleId} of ${securityGroupId}`;
}
