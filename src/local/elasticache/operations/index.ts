import type { Operation } from '../../operation.ts';
import { authorizeCacheSecurityGroupIngress } from './authorize-cache-security-group-ingress.ts';
import { createCacheSecurityGroup } from './create-cache-security-group.ts';
import { deleteCacheSecurityGroup } from './delete-cache-security-group.ts';
import { describeCacheSecurityGroups } from './describe-cache-security-groups.ts';
import { revokeCacheSecurityGroupIngress } from './revoke-cache-security-group-ingress.ts';

/** The operations by the value of `Action`. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    AuthorizeCacheSecurityGroupIngress: authorizeCacheSecurityGroupIngress,
    CreateCacheSecurityGroup: createCacheSecurityGroup,
    DeleteCacheSecurityGroup: deleteCacheSecurityGroup,
    DescribeCacheSecurityGroups: describeCacheSecurityGroups,
    RevokeCacheSecurityGroupIngress: revokeCacheSecurityGroupIngress,
  }),
);
