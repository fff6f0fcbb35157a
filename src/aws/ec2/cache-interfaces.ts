import {
  type EC2Client,
  type Filter,
  type NetworkInterface,
  paginateDescribeNetworkInterfaces,
  paginateDescribeVpcEndpoints,
} from '@aws-sdk/client-ec2';
import { pagesToTheEnd } from '../pages.ts';
import { meaningOf } from './api-errors.ts';
import { byValues } from './filters.ts';

/**
 * The network interfaces that pass a filter, page by page. Those that the account hides are among them: DescribeNetworkInterfaces
 * leaves out what AWS services manage, if the account says so, unless it is asked to include it (Amazon EC2 API Reference).
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function* listInterfaces(
  client: EC2Client,
  filter: Filter,
  abortSignal?: AbortSignal,
): AsyncGenerator<readonly NetworkInterface[]> {
  const input = { Filters: [filter], IncludeManagedResources: true };
  const pages = paginateDescribeNetworkInterfaces({ client, pageSize: 1000 }, input, { abortSignal });
  yield* pagesToTheEnd(pages, 'NetworkInterfaces', 'NextToken');
}

/** The filter that lets through the network interfaces of every cache node, and few others. */
export const DESCRIBED_AS_NODES: Filter = { Name: 'description', Values: ['ElastiCache*'] };

/**
 * The id of the cluster whose node a network interface is, in lower case; `undefined` if it is not a cache node's. Such a one is
 * made by `amazon-elasticache` and described as `ElastiCache <id of the cluster>`, with a `+` for the blank in some. That is
 * inferred from programs that report what an address belongs to, which agree on it; AWS documents it nowhere.
 *
 * The description alone would not do: anyone can give it to a network interface, to have a rule revoked that others need. Who
 * made it, and that AWS manages it, no one can choose. Any of these is enough, since in accounts of today the maker may be
 * reported as the role that ElastiCache assumes there, and what an account can hide names the service that manages it.
 */
export function clusterIdOf(one: NetworkInterface): string | undefined {
  const isMadeByAws = isOfElastiCache(one) || one.RequesterManaged === true;
  const [, clusterId] = (isMadeByAws && /^ElastiCache[ +](.*)$/.exec(one.Description ?? '')) || [];
  return clusterId?.toLowerCase();
}

/** Whether ElastiCache made a network interface, whatever it is called. */
export function isMadeByElastiCache(one: NetworkInterface): boolean {
  return isOfElastiCache(one) || clusterIdOf(one) !== undefined;
}

function isOfElastiCache({ RequesterId, Operator }: NetworkInterface): boolean {
  return RequesterId === 'amazon-elasticache' || Operator?.Principal === 'elasticache.amazonaws.com';
}

/**
 * The id of the VPC endpoint that a network interface belongs to; `undefined` if it belongs to none. Only AWS makes interfaces of
 * that type.
 */
export function endpointIdOf({ Description, InterfaceType }: NetworkInterface): string | undefined {
  if (InterfaceType !== 'vpc_endpoint') return undefined;
  return /^VPC Endpoint Interface (vpce-[0-9a-z]{1,64})$/.exec(Description ?? '')?.[1];
}

/**
 * Which of these VPC endpoints are those of serverless caches, by DescribeVpcEndpoints: such a one is for service
 * `com.amazonaws.elasticache.serverless.…` (Amazon ElastiCache User Guide). Names that begin with `com.amazonaws` are AWS's own.
 *
 * @throws what the API answers, after the SDK's retries; but where EC2 does not know VPC endpoints, there are none.
 */
export async function findServerlessEndpoints(
  client: EC2Client,
  endpointIds: readonly string[],
  abortSignal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  try {
    for (const filter of byValues('vpc-endpoint-id', [...new Set(endpointIds)])) {
      const input = { Filters: [filter] };
      const pages = paginateDescribeVpcEndpoints({ client, pageSize: 1000 }, input, { abortSignal });
      for await (const endpoints of pagesToTheEnd(pages, 'VpcEndpoints', 'NextToken')) {
        for (const { VpcEndpointId, ServiceName } of endpoints) {
          if (VpcEndpointId !== undefined && SERVERLESS.test(ServiceName ?? '')) found.add(VpcEndpointId);
        }
      }
    }
  } catch (error) {
    if (meaningOf(error) !== 'unknown-operation') throw error;
  }
  return found;
}

const SERVERLESS = /^com\.amazonaws\.elasticache\.serverless\./;
