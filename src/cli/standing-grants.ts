import { meaningOf } from '../elasticache/api-errors.ts';
import { CacheIndex } from '../enforcement/cache-index.ts';
import type { Grant } from '../policy/grant.ts';
import { grantsOf } from '../policy/security-group-rule.ts';
import { CommandError, type Io } from './io.ts';

/**
 * Every grant that stands in these regions: of their cache security groups, and of the rules of the security groups that guard
 * their caches. An account without EC2-Classic has no cache security groups, which is told on standard error.
 *
 * @throws {CommandError} if a region cannot be asked, or anything there cannot be read: what is missed would be revoked.
 */
export async function listStandingGrants(regions: readonly string[], io: Io): Promise<Grant[]> {
  const found: Grant[] = [];
  for (const region of regions) {
    try {
      found.push(...(await listOfCacheSecurityGroups(region, io)), ...(await listOfSecurityGroups(region)));
    } catch (error) {
      throw new CommandError(`${region}: ${(error as Error).message}`, { cause: error });
    }
  }
  return found;
}

async function listOfCacheSecurityGroups(region: string, io: Io): Promise<Grant[]> {
  // The SDK is loaded for this alone.
  const { listGrants } = await import('../elasticache/grant-lister.ts');
  const found: Grant[] = [];
  try {
    for await (const { grants } of listGrants(region)) {
      for (const { grant, problems, status } of grants) {
        if (grant === undefined) throw new CommandError(`a grant cannot be read: ${problems.join('; ')}`);
        if (status !== 'revoking') found.push(grant);
      }
    }
  } catch (error) {
    if (meaningOf(error) !== 'no-ec2-classic') throw error;
    io.stderr.write(`${region}: the account has no EC2-Classic, so there are no cache security groups\n`);
  }
  return found;
}

async function listOfSecurityGroups(region: string): Promise<Grant[]> {
  const { listCaches } = await import('../elasticache/cache-lister.ts');
  const index = new CacheIndex(await listCaches(region), new Date());
  const [problem] = index.problems;
  if (problem !== undefined) throw new CommandError(`cache ${problem.cacheName} cannot be read: ${problem.why}`);
  if (index.securityGroupIds.length === 0) return [];
  const { listRules } = await import('../ec2/rule-keeper.ts');
  const found: Grant[] = [];
  for await (const page of listRules(region, index.securityGroupIds)) {
    for (const { rule, unreadable } of page) {
      if (unreadable !== undefined) {
        const { securityGroupRuleId = 'without an id', securityGroupId } = unreadable;
        throw new CommandError(
          `rule ${securityGroupRuleId} of ${securityGroupId} cannot be read: ${unreadable.problem}`,
        );
      }
      if (rule !== undefined) found.push(...grantsOf(rule, index.guardedBy(rule.securityGroupId)));
    }
  }
  return found;
}
