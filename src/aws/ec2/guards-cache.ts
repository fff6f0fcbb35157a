import type { EC2Client } from '@aws-sdk/client-ec2';
import { endpointIdOf, findServerlessEndpoints, isMadeByElastiCache, listInterfaces } from './cache-interfaces.ts';

/**
 * Whether a security group guards the network interface of a cache, of whichever: by DescribeNetworkInterfaces, and
 * DescribeVpcEndpoints for the endpoints of serverless caches. For what ElastiCache does not say.
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function guardsCache(
  client: EC2Client,
  securityGroupId: string,
  abortSignal?: AbortSignal,
): Promise<boolean> {
  const filter = { Name: 'group-id', Values: [securityGroupId] };
  for await (const page of listInterfaces(client, filter, abortSignal)) {
    if (page.some(isMadeByElastiCache)) return true;
    const endpointIds = page.flatMap((one) => endpointIdOf(one) ?? []);
    if ((await findServerlessEndpoints(client, endpointIds, abortSignal)).size > 0) return true;
  }
  return false;
}
