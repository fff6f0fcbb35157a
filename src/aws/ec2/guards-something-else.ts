import type { EC2Client } from '@aws-sdk/client-ec2';
import { clusterIdOf, endpointIdOf, findServerlessEndpoints, listInterfaces } from './cache-interfaces.ts';

/**
 * Whether a security group guards anything but caches, by DescribeNetworkInterfaces, and DescribeVpcEndpoints for the endpoints of
 * serverless caches. Asks no further than the first page with a network interface that is not recognized; without any it guards
 * nothing else.
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function guardsSomethingElse(
  client: EC2Client,
  securityGroupId: string,
  abortSignal?: AbortSignal,
): Promise<boolean> {
  const filter = { Name: 'group-id', Values: [securityGroupId] };
  for await (const page of listInterfaces(client, filter, abortSignal)) {
    const endpointIds: string[] = [];
    for (const one of page.filter((one) => clusterIdOf(one) === undefined)) {
      const endpointId = endpointIdOf(one);
      if (endpointId === undefined) return true;
      endpointIds.push(endpointId);
    }
    const serverless = await findServerlessEndpoints(client, endpointIds, abortSignal);
    if (!endpointIds.every((id) => serverless.has(id))) return true;
  }
  return false;
}
