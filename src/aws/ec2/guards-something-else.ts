import { type EC2Client, type NetworkInterface, paginateDescribeNetworkInterfaces } from '@aws-sdk/client-ec2';
import { pagesToTheEnd } from '../pages.ts';

/**
 * Whether a security group guards anything but nodes of caches, by DescribeNetworkInterfaces. Asks no further than the first
 * network interface that is not recognized; without any it guards nothing else.
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function guardsSomethingElse(
  client: EC2Client,
  securityGroupId: string,
  abortSignal?: AbortSignal,
): Promise<boolean> {
  const Filters = [{ Name: 'group-id', Values: [securityGroupId] }];
  const pages = paginateDescribeNetworkInterfaces({ client, pageSize: 1000 }, { Filters }, { abortSignal });
  for await (const page of pagesToTheEnd(pages, ({ NextToken }) => NextToken)) {
    if (!(page.NetworkInterfaces ?? []).every(isOfCacheNode)) return true;
  }
  return false;
}

/**
 * Whether a network interface is that of a cache's node. Such a one is made by `amazon-elasticache` and described as
 * `ElastiCache <id of the cluster>`, with a `+` for the blank in some. That is inferred from programs that tell what an
 * address belongs to, which agree on it; AWS documents it nowhere.
 *
 * The description alone would not do: anybody can give it to a network interface of his own, to have a rule revoked that others
 * need. Who made it, and that AWS manages it, nobody can choose. Either of the two is enough, since in accounts of today the
 * maker may be told as the role that ElastiCache assumes there.
 *
 * A serverless cache is reached through a VPC endpoint, whose network interface says nothing of ElastiCache. It is not
 * recognized, so its security group counts as one that guards something else: that holds a rule back where in doubt.
 */
function isOfCacheNode({ Description, RequesterId, RequesterManaged }: NetworkInterface): boolean {
  const isMadeByAws = RequesterId === 'amazon-elasticache' || RequesterManaged === true;
  return isMadeByAws && Description !== undefined && /^ElastiCache[ +]/.test(Description);
}
