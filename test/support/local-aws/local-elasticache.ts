import {
  AuthorizeCacheSecurityGroupIngressCommand,
  CreateCacheSecurityGroupCommand,
  DeleteCacheSecurityGroupCommand,
  DescribeCacheSecurityGroupsCommand,
  ElastiCacheClient,
  RevokeCacheSecurityGroupIngressCommand,
} from '@aws-sdk/client-elasticache';
import { REGION } from '../examples/grants.ts';

export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** ElastiCache as its administrator uses it: cache security group `sessions` and who may reach it, through the SDK. */
export function administratorOf(url: string, region: string = REGION) {
  const client = new ElastiCacheClient({ region, endpoint: url, credentials });
  const CacheSecurityGroupName = 'sessions';
  const ingress = (ec2SecurityGroupName: string, ownerId: string) => ({
    CacheSecurityGroupName,
    EC2SecurityGroupName: ec2SecurityGroupName,
    EC2SecurityGroupOwnerId: ownerId,
  });
  return {
    create: () => client.send(new CreateCacheSecurityGroupCommand({ CacheSecurityGroupName, Description: 'Sessions' })),
    delete: () => client.send(new DeleteCacheSecurityGroupCommand({ CacheSecurityGroupName })),
    authorize: (ec2SecurityGroupName: string, ownerId: string) =>
      client.send(new AuthorizeCacheSecurityGroupIngressCommand(ingress(ec2SecurityGroupName, ownerId))),
    revoke: (ec2SecurityGroupName: string, ownerId: string) =>
      client.send(new RevokeCacheSecurityGroupIngressCommand(ingress(ec2SecurityGroupName, ownerId))),
    /** Every grant that stands, as `web of 123456789012: authorized`. */
    async grants(): Promise<string[]> {
      const { CacheSecurityGroups } = await client.send(
        new DescribeCacheSecurityGroupsCommand({ CacheSecurityGroupName }),
      );
      return (CacheSecurityGroups?.[0]?.EC2SecurityGroups ?? []).map(
        (grant) => `${grant.EC2SecurityGroupName} of ${grant.EC2SecurityGroupOwnerId}: ${grant.Status}`,
      );
    },
  };
}
