import { cacheIndexReader } from '../enforcement/cache-index.ts';
import type { HowToEnforceSecurityGroups, SecurityGroupPolicy } from '../enforcement/enforce-security-group-event.ts';
import type { ListedCache, ListedRule } from '../policy/security-group-rule.ts';

/** How long one revocation may take, with all its retries. */
const REVOCATION_TIMEOUT_MS = 60_000;

/** By when a revocation that begins now must have ended. */
export function revocationDeadline(): Date {
  return new Date(Date.now() + REVOCATION_TIMEOUT_MS);
}

/**
 * How the recorded events of security groups of one run are enforced: as new ones are. An event only points to rules, so AWS is
 * asked what they say now, and which groups guard caches. The SDKs are loaded for the first such event.
 */
export function howToReplaySecurityGroups(
  guardedAccount: string | undefined,
  policy: SecurityGroupPolicy,
): HowToEnforceSecurityGroups {
  const now = (): Date => new Date();
  const listCaches = askOnceAtLeast(async (region) =>
    (await import('../elasticache/cache-lister.ts')).listCaches(region),
  );
  return {
    guardedAccount,
    readPolicy: async () => policy,
    now,
    cacheIndex: cacheIndexReader(listCaches, now),
    listRules,
    guardsSomethingElse: async (rule) => (await import('../ec2/rule-keeper.ts')).guardsSomethingElse(rule),
    revokeRule: async (rule) => (await import('../ec2/rule-keeper.ts')).revokeRule(rule, revocationDeadline()),
  };
}

type ListCaches = (region: string) => Promise<readonly ListedCache[]>;

/**
 * A region that could not be asked is not asked again: each of its events fails alike. A log can hold very many of them, and
 * without credentials each would be waited for.
 */
function askOnceAtLeast(list: ListCaches): ListCaches {
  const failed = new Map<string, Error>();
  return async (region) => {
    const before = failed.get(region);
    if (before !== undefined) throw before;
    try {
      return await list(region);
    } catch (error) {
      const explained = explain('ElastiCache', region, error);
      failed.set(region, explained);
      throw explained;
    }
  };
}

async function* listRules(region: string, ids: readonly string[]): AsyncGenerator<readonly ListedRule[]> {
  try {
    yield* (await import('../ec2/rule-keeper.ts')).listRules(region, ids);
  } catch (error) {
    throw explain('EC2', region, error);
  }
}

function explain(service: string, region: string, cause: unknown): Error {
  const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new Error(
    `an event of a security group is judged by what its rules say now, and ${service} in ${region} could not be asked: ${why}`,
    { cause },
  );
}
