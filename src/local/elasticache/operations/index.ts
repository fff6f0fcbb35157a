import type { Operation } from '../../operation.ts';
import { authorizeCacheSecurityGroupIngress } from './authorize-cache-security-group-ingress.ts';
import { createCacheCluster } from './create-cache-cluster.ts';
import { createCacheSecurityGroup } from './create-cache-security-group.ts';
import { createCacheSubnetGroup } from './create-cache-subnet-group.ts';
import { createReplicationGroup } from './create-replication-group.ts';
import { createServerlessCache } from './create-serverless-cache.ts';
import { deleteCacheCluster } from './delete-cache-cluster.ts';
import { deleteCacheSecurityGroup } from './delete-cache-security-group.ts';
import { deleteReplicationGroup } from './delete-replication-group.ts';
import { deleteServerlessCache } from './delete-serverless-cache.ts';
import { describeCacheClusters } from './describe-cache-clusters.ts';
import { describeCacheSecurityGroups } from './describe-cache-security-groups.ts';
import { describeCacheSubnetGroups } from './describe-cache-subnet-groups.ts';
import { describeReplicationGroups } from './describe-replication-groups.ts';
import { describeServerlessCaches } from './describe-serverless-caches.ts';
import { modifyCacheCluster } from './modify-cache-cluster.ts';
import { modifyReplicationGroup } from './modify-replication-group.ts';
import { modifyServerlessCache } from './modify-serverless-cache.ts';
import { revokeCacheSecurityGroupIngress } from './revoke-cache-security-group-ingress.ts';

/** The operations by the value of `Action`. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    AuthorizeCacheSecurityGroupIngress: authorizeCacheSecurityGroupIngress,
    CreateCacheCluster: createCacheCluster,
    CreateCacheSecurityGroup: createCacheSecurityGroup,
    CreateCacheSubnetGroup: createCacheSubnetGroup,
    CreateReplicationGroup: createReplicationGroup,
    CreateServerlessCache: createServerlessCache,
    DeleteCacheCluster: deleteCacheCluster,
    DeleteCacheSecurityGroup: deleteCacheSecurityGroup,
    DeleteReplicationGroup: deleteReplicationGroup,
    DeleteServerlessCache: deleteServerlessCache,
    DescribeCacheClusters: describeCacheClusters,
    DescribeCacheSecurityGroups: describeCacheSecurityGroups,
    DescribeCacheSubnetGroups: describeCacheSubnetGroups,
    DescribeReplicationGroups: describeReplicationGroups,
    DescribeServerlessCaches: describeServerlessCaches,
    ModifyCacheCluster: modifyCacheCluster,
    ModifyReplicationGroup: modifyReplicationGroup,
    ModifyServerlessCache: modifyServerlessCache,
    RevokeCacheSecurityGroupIngress: revokeCacheSecurityGroupIngress,
  }),
);
