import { type AwsAtPlace, connector } from '../aws/connect.ts';
import { CacheIndex } from '../enforcement/cache-index.ts';
import { askGroupNames } from '../enforcement/look/group-names.ts';
import type { Grant } from '../policy/grant.ts';
import { grantsOf } from '../policy/vpc/security-group-rule.ts';
import { CommandError, type Io } from './io.ts';

/** That a public endpoint exists does not mean that it is wanted. */
export const NEVER_LEARNT =
  'It is never learnt. If anyone on the internet is to reach that cache, add `publicEndpoint: true` to a rule yourself.';

/**
 * Every grant that stands in these regions: of their cache security groups, and of the rules of the security groups that guard
 * their caches. An account without EC2-Classic has no cache security groups, which is reported on standard error.
 *
 * @throws {CommandError} if a region cannot be asked, or anything there cannot be read: what is missed would be revoked.
 */
export async function listStandingGrants(regions: readonly string[], io: Io): Promise<Grant[]> {
  const found: Grant[] = [];
  const connect = connector();
  for (const region of regions) {
    // That of the caller's credentials, whose grants show it.
    const aws = connect({ account: '', region });
    try {
      found.push(
        ...(await listOfCacheSecurityGroups(aws, region, io)),
        ...(await listOfSecurityGroups(aws, region, io)),
      );
    } catch (error) {
      throw new CommandError(`${region}: ${(error as Error).message}`, { cause: error });
    }
  }
  return found;
}

async function listOfCacheSecurityGroups(aws: AwsAtPlace, region: string, io: Io): Promise<Grant[]> {
  const found: Grant[] = [];
  for await (const { grants, hasNoEc2Classic } of aws.listGrants()) {
    if (hasNoEc2Classic) {
      io.stderr.write(`${region}: the account has no EC2-Classic, so there are no cache security groups\n`);
    }
    for (const { grant, problems, status } of grants) {
      if (grant === undefined) throw new CommandError(`a grant cannot be read: ${problems.join('; ')}`);
      if (status !== 'revoking') found.push(grant);
    }
  }
  return found;
}

async function listOfSecurityGroups(aws: AwsAtPlace, region: string, io: Io): Promise<Grant[]> {
  const index = new CacheIndex(await aws.listCaches(), new Date());
  const [problem] = index.problems;
  if (problem !== undefined) throw new CommandError(`cache ${problem.cacheName} cannot be read: ${problem.why}`);
  const [awaited] = index.awaited;
  if (awaited !== undefined) {
    throw new CommandError(
      `cache ${awaited.cacheName} is being created and has no port yet: try again when it is available`,
    );
  }
  for (const { cacheName } of index.publicEndpoints) {
    io.stderr.write(`left out: the public endpoint of ${cacheName} (${region}). ${NEVER_LEARNT}\n`);
  }
  if (index.securityGroupIds.length === 0) return [];
  const found: Grant[] = [];
  for await (const page of aws.listRules(index.securityGroupIds)) {
    const { nameRule } = await askGroupNames(
      page.flatMap(({ rule }) => rule ?? []),
      aws,
    );
    for (const { rule, unreadable } of page) {
      if (unreadable !== undefined) {
        const { securityGroupRuleId = 'without an id', securityGroupId } = unreadable;
        throw new CommandError(
          `rule ${securityGroupRuleId} of ${securityGroupId} cannot be read: ${unreadable.problem}`,
        );
      }
      if (rule !== undefined) found.push(...grantsOf(nameRule(rule), index.guardedBy(rule.securityGroupId)));
    }
  }
  return found;
}
