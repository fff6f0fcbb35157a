import { groupBy } from './group-by.ts';
import type { NetworkInterface } from './network-interfaces.ts';
import type { RuleProperties, Source } from './rule-properties.ts';
import type { SecurityGroupRule } from './security-group-rules.ts';
import type { SecurityGroup } from './security-groups.ts';
import { type TagMap, toTagSet } from './tags.ts';
import type { VpcEndpoint } from './vpc-endpoints.ts';

/** A rule as Authorize and DescribeSecurityGroupRules answer it. */
export function toRuleItem({ source, ...rule }: SecurityGroupRule, groupOwnerId: string, tags: TagMap): object {
  const { securityGroupRuleId, groupId, isEgress, ipProtocol, fromPort, toPort, description } = rule;
  const head = { securityGroupRuleId, groupId, groupOwnerId, isEgress, ipProtocol, fromPort, toPort };
  const tail = { description, ...toTagSet(tags) };
  if (!('referencedGroupId' in source)) return { ...head, ...source, ...tail };
  return { ...head, referencedGroupInfo: { groupId: source.referencedGroupId, userId: source.userId }, ...tail };
}

/** A rule as Revoke answers it. */
export function toRevokedItem({ source, ...rule }: SecurityGroupRule): object {
  const { securityGroupRuleId, groupId, isEgress, ipProtocol, fromPort, toPort, description } = rule;
  const head = { securityGroupRuleId, groupId, isEgress, ipProtocol, fromPort, toPort };
  if (!('referencedGroupId' in source)) return { ...head, ...source, description };
  return { ...head, referencedGroupId: source.referencedGroupId, description };
}

/** A security group with its rules, as DescribeSecurityGroups answers it. */
export function toGroupItem(group: SecurityGroup, rules: readonly SecurityGroupRule[], tags: TagMap): object {
  const { ownerId, groupName, groupDescription, groupId, vpcId } = group;
  return {
    ownerId,
    groupName,
    groupDescription,
    groupId,
    ipPermissions: toIpPermissions(rules.filter(({ isEgress }) => !isEgress)),
    ipPermissionsEgress: toIpPermissions(rules.filter(({ isEgress }) => isEgress)),
    vpcId,
    ...toTagSet(tags),
  };
}

/** Rules for the same protocol and ports are one permission. */
export function toIpPermissions(rules: readonly RuleProperties[]): object[] {
  const byTraffic = groupBy(rules, ({ ipProtocol, fromPort, toPort }) => [ipProtocol, fromPort, toPort].join(' '));
  return [...byTraffic.values()].map((same) => {
    const { ipProtocol, fromPort, toPort } = same[0] as RuleProperties;
    const hasPorts = /^(tcp|udp|icmp|icmpv6)$/.test(ipProtocol);
    const listed = (kind: string, toItem: (source: never) => object) =>
      same
        .filter(({ source }) => kind in source)
        .map(({ source, description }) => ({ ...toItem(source as never), description }));
    return {
      ipProtocol,
      ...(hasPorts && { fromPort, toPort }),
      groups: listed('referencedGroupId', ({ userId, referencedGroupId }: Extract<Source, { userId: string }>) => ({
        userId,
        groupId: referencedGroupId,
      })),
      ipRanges: listed('cidrIpv4', ({ cidrIpv4 }: Extract<Source, { cidrIpv4: string }>) => ({ cidrIp: cidrIpv4 })),
      ipv6Ranges: listed('cidrIpv6', (source: Extract<Source, { cidrIpv6: string }>) => source),
      prefixListIds: listed('prefixListId', (source: Extract<Source, { prefixListId: string }>) => source),
    };
  });
}

/**
 * A network interface. It is `in-use` if a service of AWS made it, and `available` if the account did: nothing attaches it.
 *
 * @param isHidden whether the account hides what services of AWS manage.
 */
export function toInterfaceItem(
  { networkInterfaceId, subnetId, vpcId, description, requesterId, interfaceType, groupIds, ...one }: NetworkInterface,
  ownerId: string,
  nameOf: (groupId: string) => string | undefined,
  isHidden: boolean,
): object {
  return {
    networkInterfaceId,
    subnetId,
    vpcId,
    description,
    ownerId,
    requesterId,
    requesterManaged: one.isRequesterManaged,
    status: requesterId === undefined ? 'available' : 'in-use',
    interfaceType,
    groupSet: toGroupSet(groupIds, nameOf),
    operator:
      one.operator === undefined
        ? { managed: false }
        : { managed: true, principal: one.operator, hiddenByDefault: isHidden },
  };
}

/** A VPC endpoint. A service of AWS made it, and the account cannot change it. */
export function toEndpointItem(
  { vpcEndpointId, serviceName, creationTimestamp, networkInterface }: VpcEndpoint,
  ownerId: string,
  nameOf: (groupId: string) => string | undefined,
): object {
  const { vpcId, subnetId, groupIds, networkInterfaceId } = networkInterface;
  return {
    vpcEndpointId,
    vpcEndpointType: 'Interface',
    vpcId,
    serviceName,
    state: 'available',
    subnetIdSet: [subnetId],
    groupSet: toGroupSet(groupIds, nameOf),
    privateDnsEnabled: false,
    requesterManaged: true,
    networkInterfaceIdSet: [networkInterfaceId],
    creationTimestamp,
    ownerId,
  };
}

function toGroupSet(groupIds: readonly string[], nameOf: (groupId: string) => string | undefined): object[] {
  return groupIds.map((groupId) => ({ groupId, groupName: nameOf(groupId) }));
}
