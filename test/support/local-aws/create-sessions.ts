import { CreateReplicationGroupCommand, type ElastiCacheClient } from '@aws-sdk/client-elasticache';

/** Makes the replication group `sessions`, of two clusters, behind a security group. */
export async function createSessions(elastiCache: ElastiCacheClient, groupId: string): Promise<void> {
  await elastiCache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: 'sessions',
      ReplicationGroupDescription: 'Sessions of the shop',
      NumCacheClusters: 2,
      SecurityGroupIds: [groupId],
    }),
  );
}
