import { type EC2Client, paginateDescribeSecurityGroups } from '@aws-sdk/client-ec2';
import { isGroupName } from '../../policy/vpc/names.ts';
import { pagesToTheEnd } from '../pages.ts';
import { byGroupId } from './filters.ts';

/**
 * The names of security groups by id, with DescribeSecurityGroups. A group that EC2 does not list is not among them: it was deleted,
 * is a few seconds old, or is another account's.
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function readGroupNames(
  client: EC2Client,
  securityGroupIds: readonly string[],
  abortSignal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const filter of byGroupId(securityGroupIds)) {
    const input = { Filters: [filter] };
    const pages = paginateDescribeSecurityGroups({ client, pageSize: 1000 }, input, { abortSignal });
    for await (const groups of pagesToTheEnd(pages, 'SecurityGroups', 'NextToken')) {
      for (const { GroupId, GroupName } of groups) {
        if (GroupId !== undefined && isGroupName(GroupName)) names.set(GroupId, GroupName);
      }
    }
  }
  return names;
}
