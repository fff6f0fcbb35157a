import type { EC2Client } from '@aws-sdk/client-ec2';
import { isSecurityGroupId } from '../../policy/vpc/names.ts';
import { clusterIdOf, DESCRIBED_AS_NODES, listInterfaces } from './cache-interfaces.ts';

/**
 * The security groups of every cluster of a place, by the cluster's id in lower case, as the network interfaces of its nodes
 * have them. For clusters of which ElastiCache lists none. One listing for all of them: to ask for each would be a call for each.
 *
 * A cluster is left out if an interface of it has something that is no id of a security group, or none: half of its groups would
 * make it look judged.
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function readNodeGroups(
  client: EC2Client,
  abortSignal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, Set<string>>();
  const unreadable = new Set<string>();
  for await (const page of listInterfaces(client, DESCRIBED_AS_NODES, abortSignal)) {
    for (const one of page) {
      const clusterId = clusterIdOf(one);
      if (clusterId === undefined) continue;
      const ids = (one.Groups ?? []).map(({ GroupId }) => GroupId ?? '');
      if (ids.length === 0 || !ids.every(isSecurityGroupId)) unreadable.add(clusterId);
      found.set(clusterId, new Set([...(found.get(clusterId) ?? []), ...ids]));
    }
  }
  return new Map([...found].flatMap(([id, groups]) => (unreadable.has(id) ? [] : [[id, [...groups]]])));
}
