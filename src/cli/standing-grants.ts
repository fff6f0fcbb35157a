import { type AwsAtPlace, connector } from '../aws/connect.ts';
import { CacheIndex } from '../enforcement/cache-index.ts';
import { describeError } from '../enforcement/describe-error.ts';
import { askGroupNames } from '../enforcement/look/group-names.ts';
import type { Grant } from '../policy/grant.ts';
import type { VpcGrant } from '../policy/vpc/grant.ts';
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
  const readEntries = entriesReader(aws, region, io);
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
      if (rule === undefined) continue;
      const grants = grantsOf(nameRule(rule), index.guardedBy(rule.securityGroupId));
      found.push(...(grants.length > 0 ? await withEntries(grants, readEntries) : []));
    }
  }
  return found;
}

type ReadEntries = (prefixListId: string) => Promise<readonly string[] | undefined>;

/** Reads each prefix list once. What cannot be read is reported on standard error: what is learnt allows it all the same. */
function entriesReader(aws: Pick<AwsAtPlace, 'readPrefixList'>, region: string, io: Io): ReadEntries {
  const asked = new Map<string, ReturnType<ReadEntries>>();
  const read: ReadEntries = async (prefixListId) => {
    try {
      const { entries } = await aws.readPrefixList(prefixListId);
      if (entries === undefined) throw new Error('it is being changed');
      return entries;
    } catch (error) {
      io.stderr.write(
        `the entries of prefix list ${prefixListId} (${region}) are not known: ${describeError(error)}. Look at them before you allow the list.\n`,
      );
      return undefined;
    }
  };
  return (prefixListId) => getOrRead(asked, prefixListId, read);
}

function getOrRead(
  asked: Map<string, ReturnType<ReadEntries>>,
  id: string,
  read: ReadEntries,
): ReturnType<ReadEntries> {
  const reading = asked.get(id) ?? read(id);
  asked.set(id, reading);
  return reading;
}

/** The grants of one rule, with the entries of the prefix list that it names, if it names one. */
async function withEntries(grants: readonly VpcGrant[], readEntries: ReadEntries): Promise<VpcGrant[]> {
  const source = grants[0]?.source;
  if (source?.kind !== 'prefixList') return [...grants];
  const entries = await readEntries(source.prefixListId);
  return grants.map((grant) => (entries === undefined ? grant : { ...grant, source: { ...source, entries } }));
}
