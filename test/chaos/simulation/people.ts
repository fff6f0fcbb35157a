import {
  AuthorizeCacheSecurityGroupIngressCommand,
  CreateCacheSecurityGroupCommand,
  DeleteCacheSecurityGroupCommand,
  ElastiCacheClient,
  RevokeCacheSecurityGroupIngressCommand,
} from '@aws-sdk/client-elasticache';
import pMap from 'p-map';
import { PATIENT } from './patience.ts';
import { type Plan, type PlannedGrant, REGION } from './plan.ts';

/** What people are told now and then, because somebody else was quicker, or something is broken. They let it be. */
const LIVED_WITH = [
  'AccessDenied',
  'AuthorizationAlreadyExistsFault',
  'AuthorizationNotFoundFault',
  'CacheClusterAlreadyExistsFault',
  'CacheSecurityGroupAlreadyExistsFault',
  'CacheSecurityGroupNotFoundFault',
  // A call is made again whose answer was cut: the first one is under way, or done.
  'IncorrectState',
  'InvalidCacheClusterStateFault',
  'InvalidCacheSecurityGroupStateFault',
  'InvalidGroup.Duplicate',
  'InvalidGroup.NotFound',
  'InvalidPermission.Duplicate',
  'InvalidReplicationGroupStateFault',
  'InvalidSecurityGroupRuleId.NotFound',
  'PrefixListVersionMismatch',
  'ReplicationGroupAlreadyExistsFault',
  'UnauthorizedOperation',
];

/** The answer to a call; nothing if people live with what they were told. */
export function tolerate<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
  return call.catch((error: Error) => {
    if (LIVED_WITH.includes(error.name)) return undefined;
    throw new Error('people met what they do not know', { cause: error });
  });
}

/** Waits until it is so many milliseconds after the beginning. */
export interface Time {
  until(atMs: number): Promise<void>;
}

/** Those who make cache security groups and grants, and take them away again, by hand. */
export interface People {
  /** Makes the cache security groups that there are at the beginning. */
  prepare(plan: Plan): Promise<void>;
  /** Does what is planned for them, each thing at its time. */
  act(plan: Plan, time: Time): Promise<void>;
  leave(): void;
}

export function peopleAt(endpoint: string): People {
  const client = new ElastiCacheClient({
    region: REGION,
    endpoint,
    credentials: { accessKeyId: 'people', secretAccessKey: 'test' },
    // So many people that nobody waits for another.
    requestHandler: { httpAgent: { maxSockets: Number.POSITIVE_INFINITY } },
    retryStrategy: PATIENT,
  });

  const create = (CacheSecurityGroupName: string): Promise<unknown> =>
    tolerate(client.send(new CreateCacheSecurityGroupCommand({ CacheSecurityGroupName, Description: 'Chaos' })));

  async function careFor({ grant, steps }: PlannedGrant, time: Time): Promise<void> {
    for (const { atMs, what } of steps) {
      await time.until(atMs);
      await tolerate(
        what === 'authorize'
          ? client.send(new AuthorizeCacheSecurityGroupIngressCommand(grant))
          : client.send(new RevokeCacheSecurityGroupIngressCommand(grant)),
      );
    }
  }

  return {
    async prepare({ cacheSecurityGroups }) {
      await pMap(cacheSecurityGroups, create, { concurrency: 16 });
    },
    async act({ grants, deletions }, time) {
      await Promise.all([
        ...grants.map((planned) => careFor(planned, time)),
        ...deletions.map(async ({ cacheSecurityGroupName, fromMs, untilMs }) => {
          await time.until(fromMs);
          await tolerate(
            client.send(new DeleteCacheSecurityGroupCommand({ CacheSecurityGroupName: cacheSecurityGroupName })),
          );
          await time.until(untilMs);
          await create(cacheSecurityGroupName);
        }),
      ]);
    },
    leave: () => client.destroy(),
  };
}
