import { type EC2Client, paginateDescribeSecurityGroups, type SecurityGroupRule } from '@aws-sdk/client-ec2';
import { isSecurityGroupId } from '../../policy/vpc/names.ts';
import { pagesToTheEnd } from '../pages.ts';
import { byGroupId } from './filters.ts';

/** Whose a security group is, by its id, as far as EC2 says so. */
export type GroupOwners = ReadonlyMap<string | undefined, string>;

/**
 * Asks DescribeSecurityGroups for the owners that rules do not show: of the security group that one refers to, and of its own.
 * Makes no call if all are shown.
 *
 * In public records of the AWS CLI, a rule for another security group of the same account has no `UserId`, if it was made
 * without; and Terraform's AWS provider takes one without for the account's own. That would be a guess, and to ask is none.
 * Who is not found (a group that was deleted, is a few seconds old, or is another account's) stays unknown, and so is denied. Where a
 * rule could allow it, nothing acts on that: see `whyUnknown`.
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function readGroupOwners(
  client: EC2Client,
  rules: readonly SecurityGroupRule[],
  abortSignal?: AbortSignal,
): Promise<GroupOwners> {
  const untold = new Set(rules.flatMap(groupsWithoutOwner).filter(isSecurityGroupId));
  const owners = new Map<string, string>();
  for (const filter of byGroupId([...untold])) {
    const input = { Filters: [filter] };
    const pages = paginateDescribeSecurityGroups({ client, pageSize: 1000 }, input, { abortSignal });
    for await (const groups of pagesToTheEnd(pages, 'SecurityGroups', 'NextToken')) {
      for (const { GroupId, OwnerId } of groups) {
        if (GroupId !== undefined && OwnerId !== undefined) owners.set(GroupId, OwnerId);
      }
    }
  }
  return owners;
}

function groupsWithoutOwner({ GroupId, GroupOwnerId, IsEgress, ReferencedGroupInfo }: SecurityGroupRule): string[] {
  if (IsEgress) return [];
  const own = GroupOwnerId ? undefined : GroupId;
  // A reference to itself is the owner's own.
  const other = ReferencedGroupInfo?.GroupId === GroupId ? undefined : ReferencedGroupInfo;
  return [own, other?.UserId ? undefined : other?.GroupId].filter((id) => id !== undefined);
}
