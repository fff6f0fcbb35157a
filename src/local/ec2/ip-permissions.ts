import { ApiError } from '../api-error.ts';
import { type Parameters, required } from '../parameters.ts';
import type { Region } from '../region.ts';
import { shown } from '../shown.ts';
import { canonicalIpv4, canonicalIpv6 } from './cidr.ts';
import { checkId } from './ids.ts';
import { readPorts, readProtocol } from './ports.ts';
import { readItems } from './query-lists.ts';
import { type RuleProperties, type Source, sayingOf } from './rule-properties.ts';
import type { SecurityGroup } from './security-groups.ts';

/** The parameters in which Authorize and Revoke name rules. */
export const INGRESS_PARAMETERS = [
  'GroupId',
  'GroupName',
  'IpPermissions.',
  'IpProtocol',
  'FromPort',
  'ToPort',
  'CidrIp',
  'SourceSecurityGroupName',
  'SourceSecurityGroupOwnerId',
];

/** The same for rules of egress, which have no flat form (EC2 API Reference: "Not supported"). */
export const EGRESS_PARAMETERS = ['GroupId', 'IpPermissions.'];

/**
 * The security group that a call about egress names, and the parameters that it knows.
 *
 * @throws {ApiError} MissingParameter, InvalidGroupId.Malformed or InvalidGroup.NotFound.
 */
export function readEgress(
  parameters: Parameters,
  { securityGroups }: Region,
): { readonly group: SecurityGroup; readonly known: Parameters } {
  const group = securityGroups.get(checkId('sg', required(parameters, 'GroupId')));
  const isKnown = (name: string) => /^(GroupId$|(IpPermissions|SecurityGroupRuleId|TagSpecification)\.)/.test(name);
  return { group, known: new Map([...parameters].filter(([name]) => isKnown(name))) };
}

/** The four kinds of sources in a permission: in which list they are, and how one is read. */
const SOURCES: Readonly<Record<string, (item: Parameters, group: SecurityGroup, region: Region) => Source>> = {
  IpRanges: (item) => ({ cidrIpv4: canonicalIpv4(required(item, 'CidrIp')) }),
  Ipv6Ranges: (item) => ({ cidrIpv6: canonicalIpv6(required(item, 'CidrIpv6')) }),
  PrefixListIds: (item, _group, region) => readPrefixList(item, region),
  Groups: readReferencedGroup,
};

/**
 * The rules that a call names, in `IpPermissions` or in the flat form: one for each permission and source.
 *
 * @throws {ApiError} MissingParameter, InvalidParameterCombination, InvalidParameterValue, or for a security group that is a
 * source InvalidGroup.NotFound, for a prefix list InvalidPrefixListID.NotFound.
 */
export function readIngress(parameters: Parameters, group: SecurityGroup, region: Region): RuleProperties[] {
  const permissions = readItems(parameters, 'IpPermissions');
  const flat = ['IpProtocol', 'FromPort', 'ToPort', 'CidrIp', 'SourceSecurityGroupName', 'SourceSecurityGroupOwnerId'];
  const isFlat = flat.some((name) => parameters.has(name));
  if (isFlat && permissions.length > 0) {
    throw new ApiError(
      'InvalidParameterCombination',
      'ipPermissions cannot be used with a rule in parameters of its own',
    );
  }
  if (!isFlat && permissions.length === 0) {
    throw new ApiError('MissingParameter', 'The request must contain the parameter ipPermissions');
  }
  const rules = isFlat
    ? readFlat(parameters, group, region)
    : permissions.flatMap((permission) => readPermission(permission, group, region));
  if (new Set(rules.map(sayingOf)).size < rules.length) {
    // Seen in public reports.
    throw new ApiError('InvalidParameterValue', 'The same permission must not appear multiple times');
  }
  return rules;
}

function readPermission(permission: Parameters, group: SecurityGroup, region: Region): RuleProperties[] {
  const traffic = readTraffic(permission);
  const rules = Object.entries(SOURCES).flatMap(([list, readSource]) =>
    readItems(permission, list).map((item) => ({
      ...traffic,
      source: readSource(item, group, region),
      ...readDescription(item),
    })),
  );
  if (rules.length === 0) {
    throw new ApiError(
      'InvalidParameterValue',
      'A permission must name a CIDR block, a prefix list or a security group',
    );
  }
  return rules;
}

function readFlat(parameters: Parameters, group: SecurityGroup, region: Region): RuleProperties[] {
  const groupName = parameters.get('SourceSecurityGroupName');
  if (groupName === undefined) {
    return [{ ...readTraffic(parameters), source: { cidrIpv4: canonicalIpv4(required(parameters, 'CidrIp')) } }];
  }
  if (['IpProtocol', 'FromPort', 'ToPort', 'CidrIp'].some((name) => parameters.has(name))) {
    const message = 'sourceSecurityGroupName cannot be used with a protocol, ports or a CIDR block';
    throw new ApiError('InvalidParameterCombination', message);
  }
  const named = new Map([['GroupName', groupName]]);
  const userId = parameters.get('SourceSecurityGroupOwnerId');
  if (userId !== undefined) named.set('UserId', userId);
  const source = readReferencedGroup(named, group, region);
  // Documented: it allows all of ICMP, UDP and TCP.
  return [
    { ipProtocol: 'tcp', fromPort: 0, toPort: 65_535, source },
    { ipProtocol: 'udp', fromPort: 0, toPort: 65_535, source },
    { ipProtocol: 'icmp', fromPort: -1, toPort: -1, source },
  ];
}

/** The protocol and ports of a rule. */
export function readTraffic(parameters: Parameters): Pick<RuleProperties, 'ipProtocol' | 'fromPort' | 'toPort'> {
  const ipProtocol = readProtocol(required(parameters, 'IpProtocol'));
  return { ipProtocol, ...readPorts(ipProtocol, parameters) };
}

/** @throws {ApiError} InvalidParameterValue for a description that EC2 would not take. The words are seen in public reports. */
export function readDescription(parameters: Parameters): { readonly description?: string } {
  const description = parameters.get('Description');
  if (description === undefined || description === '') return {};
  if (!/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(description)) {
    throw new ApiError(
      'InvalidParameterValue',
      'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  ' +
        'a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
    );
  }
  return { description };
}

/** @throws {ApiError} InvalidPrefixListId.Malformed or InvalidPrefixListID.NotFound. */
function readPrefixList(item: Parameters, { prefixLists }: Region): Source {
  const { prefixListId } = prefixLists.get(checkId('pl', required(item, 'PrefixListId')));
  return { prefixListId };
}

/** A security group of another account is not looked up: that there is a way to it, a peering, is taken for granted. */
function readReferencedGroup(item: Parameters, group: SecurityGroup, { accountId, securityGroups }: Region): Source {
  const userId = item.get('UserId') ?? accountId;
  if (!/^[0-9]{12}$/.test(userId)) {
    throw new ApiError('InvalidParameterValue', `Invalid value '${shown(userId)}' for userId`);
  }
  const groupName = item.get('GroupName');
  const byName = item.get('GroupId') === undefined && groupName !== undefined;
  if (!byName && userId !== accountId) return { referencedGroupId: checkId('sg', required(item, 'GroupId')), userId };
  const referenced = byName
    ? securityGroups.getByName(groupName)
    : securityGroups.get(checkId('sg', required(item, 'GroupId')));
  if (referenced.vpcId !== group.vpcId) {
    // Seen in public reports, with this code.
    throw new ApiError('InvalidGroup.NotFound', 'You have specified two resources that belong to different networks.');
  }
  return { referencedGroupId: referenced.groupId, userId: accountId };
}

/**
 * The one source of a rule as ModifySecurityGroupRules names it.
 *
 * @throws {ApiError} InvalidParameterValue if there is not exactly one.
 */
export function readSource(rule: Parameters, group: SecurityGroup, region: Region): Source {
  const members = ['CidrIpv4', 'CidrIpv6', 'PrefixListId', 'ReferencedGroupId'].filter((member) => rule.has(member));
  if (members.length !== 1) {
    const message = 'A rule must have exactly one of cidrIpv4, cidrIpv6, prefixListId and referencedGroupId';
    throw new ApiError('InvalidParameterValue', message);
  }
  if (rule.has('CidrIpv4')) return { cidrIpv4: canonicalIpv4(required(rule, 'CidrIpv4')) };
  if (rule.has('CidrIpv6')) return { cidrIpv6: canonicalIpv6(required(rule, 'CidrIpv6')) };
  if (rule.has('PrefixListId')) return readPrefixList(rule, region);
  return readReferencedGroup(new Map([['GroupId', required(rule, 'ReferencedGroupId')]]), group, region);
}
