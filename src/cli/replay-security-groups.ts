import type { AwsAtPlace } from '../aws/connect.ts';
import { cacheIndexReader } from '../enforcement/cache-index.ts';
import type { Deadline } from '../enforcement/deadline.ts';
import { NO_REPORTER, type Policy } from '../enforcement/event-outcome.ts';
import type { HowToEnforceSecurityGroups } from '../enforcement/security-group-event.ts';
import { type Place, placeKey } from '../policy/place.ts';
import type { ListedCache } from '../policy/vpc/security-group-rule.ts';

/**
 * How the recorded events of security groups of one run are enforced: as new ones are. An event only points to rules, so AWS is
 * asked what they say now, and which groups guard caches.
 */
export function howToReplaySecurityGroups(
  guardedAccount: string | undefined,
  policy: Policy,
  connect: (place: Place) => AwsAtPlace,
  time: Deadline,
): HowToEnforceSecurityGroups {
  return {
    ...time,
    guardedAccount,
    readPolicy: async () => policy,
    reporter: NO_REPORTER,
    cacheIndex: cacheIndexReader(
      askOnceAtLeast((place) => connect(place).listCaches()),
      time.now,
    ),
    connect: (place) => ({
      ...connect(place),
      async *listRules(ids) {
        try {
          yield* connect(place).listRules(ids);
        } catch (error) {
          throw explain('EC2', place, error);
        }
      },
    }),
  };
}

type ListCaches = (place: Place) => Promise<readonly ListedCache[]>;

/**
 * A place that could not be asked is not asked again: each of its events fails alike. A log can hold very many of them, and
 * without credentials each would be waited for.
 */
function askOnceAtLeast(list: ListCaches): ListCaches {
  const failed = new Map<string, Error>();
  return async (place) => {
    const before = failed.get(placeKey(place));
    if (before !== undefined) throw before;
    try {
      return await list(place);
    } catch (error) {
      const explained = explain('ElastiCache', place, error);
      failed.set(placeKey(place), explained);
      throw explained;
    }
  };
}

function explain(service: string, { region }: Place, cause: unknown): Error {
  const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new Error(
    `an event of a security group is evaluated by what its rules say now, and ${service} in ${region} could not be asked: ${why}`,
    { cause },
  );
}
