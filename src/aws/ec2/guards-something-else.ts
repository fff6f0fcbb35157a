import type { EC2Client } from '@aws-sdk/client-ec2';
import { clusterIdOf, endpointIdOf, findServerlessEndpoints, listInterfaces } from './cache-interfaces.ts';

/**
 * Whether a security group that guards a cache guards anything else, by DescribeNetworkInterfaces, and DescribeVpcEndpoints for the
 * endpoints of serverless caches. Asks no further than the first page with a network interface that is not recognized.
 *
 * @throws what the API answers, after the SDK's retries; and an error if EC2 lists no network interface at all. A cache that can be
 * reached has one, so then it is not known what the group guards.
 */
export async function guardsSomethingElse(
  client: EC2Client,
  securityGroupId: string,
  abortSignal?: AbortSignal,
): Promise<boolean> {
  const filter = { Name: 'group-id', Values: [securityGroupId] };
  let listed = 0;
  for await (const page of listInterfaces(client, filter, abortSignal)) {
    listed += page.length;
    const endpointIds: string[] = [];
    for (const one of page.filter((one) => clusterIdOf(one) === undefined)) {
      const endpointId = endpointIdOf(one);
      if (endpointId === undefined) return true;
      endpointIds.push(endpointId);
    }
    const serverless = await findServerlessEndpoints(client, endpointIds, abortSignal);
    if (!endpointIds.every((id) => serverless.has(id))) return true;
  }
  if (listed === 0) {
    throw new Error(
      `EC2 lists no network interface in security group ${securityGroupId}, though a cache is behind it. Try again, and check the permission ec2:DescribeNetworkInterfaces`,
    );
  }
  return false;
}
