import type { Parameters } from '../parameters.ts';
import type { ApiCall } from '../service.ts';
import { readItems, readValues } from './query-lists.ts';
import { NAMESPACE } from './xml.ts';

// [seen]: in a real public record. [consumer]: two or more deployed programs read it so. [inferred]: neither.

/** The answer as CloudTrail writes it: `return` is `_return`, and the members of a list are `items` [seen]. */
export function toResponseElements({ requestId, result }: ApiCall): unknown {
  const { return: _return, ...members } = toRecorded(result ?? {}) as Record<string, unknown>;
  return { requestId, ...(_return !== undefined && { _return }), ...members };
}

/**
 * The answer of newer operations [seen in records of sibling calls]: under its own name, with the namespace. The members of
 * a list are `item`, which is the one itself in a list of one; an empty list is ''.
 */
export function toNamedResponseElements({ action, requestId, result }: ApiCall): unknown {
  return { [`${action}Response`]: { xmlns: NAMESPACE, requestId, ...(toXmlLike(result ?? {}) as object) } };
}

function toXmlLike(value: unknown): unknown {
  if (Array.isArray(value)) {
    const [first, ...others] = value.map(toXmlLike);
    if (first === undefined) return '';
    return { item: others.length > 0 ? [first, ...others] : first };
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, toXmlLike(member)]));
}

function toRecorded(value: unknown): unknown {
  if (Array.isArray(value)) return toList(value.map(toRecorded));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, toRecorded(member)]));
}

/** A list; an empty one is `{}` [seen]. */
function toList(items: readonly unknown[]): object {
  return items.length > 0 ? { items } : {};
}

/** A list of texts, each under a name: `{ items: [{ groupId }] }` [seen]. */
export function toNamedList(parameters: Parameters, list: string, name: string): object {
  return toList(readValues(parameters, list).map((value) => ({ [name]: value })));
}

/** `filterSet` of a Describe call [seen]. */
export function toFilterSet(parameters: Parameters): object {
  return toList(
    readItems(parameters, 'Filter').map((filter) => ({
      ...pick(filter, { name: 'Name' }),
      valueSet: toNamedList(filter, 'Value', 'value'),
    })),
  );
}

/**
 * The rules that Authorize and Revoke name. In the flat form `ipPermissions` is there, and empty [seen].
 */
export function toRecordedIngress(parameters: Parameters): object {
  return {
    ...pick(parameters, { groupId: 'GroupId', groupName: 'GroupName' }),
    ipPermissions: toList(readItems(parameters, 'IpPermissions').map(toRecordedPermission)),
    ...pickTraffic(parameters),
    ...pick(parameters, {
      cidrIp: 'CidrIp',
      // [inferred]
      sourceSecurityGroupName: 'SourceSecurityGroupName',
      sourceSecurityGroupOwnerId: 'SourceSecurityGroupOwnerId',
    }),
    ...toTagSpecificationSet(parameters),
  };
}

/** The tags that a call gives to what it makes, if any [seen]. */
export function toTagSpecificationSet(parameters: Parameters): object {
  const items = readItems(parameters, 'TagSpecification').map((one) => ({
    ...pick(one, { resourceType: 'ResourceType' }),
    tags: readItems(one, 'Tag').map((tag) => pick(tag, { key: 'Key', value: 'Value' })),
  }));
  return items.length > 0 ? { tagSpecificationSet: { items } } : {};
}

/** What calls about tags name [seen]. */
export function toRecordedTags(parameters: Parameters): object {
  return {
    resourcesSet: toNamedList(parameters, 'ResourceId', 'resourceId'),
    tagSet: toList(readItems(parameters, 'Tag').map((tag) => pick(tag, { key: 'Key', value: 'Value' }))),
  };
}

/** A family of sources that is not used is `{}` [seen]; the members of prefix lists are [inferred]. */
function toRecordedPermission(permission: Parameters): object {
  const listed = (list: string, names: Readonly<Record<string, string>>) =>
    toList(readItems(permission, list).map((item) => pick(item, { ...names, description: 'Description' })));
  return {
    ...pickTraffic(permission),
    groups: listed('Groups', { groupId: 'GroupId', groupName: 'GroupName', userId: 'UserId' }),
    ipRanges: listed('IpRanges', { cidrIp: 'CidrIp' }),
    ipv6Ranges: listed('Ipv6Ranges', { cidrIpv6: 'CidrIpv6' }),
    prefixListIds: listed('PrefixListIds', { prefixListId: 'PrefixListId' }),
  };
}

function pickTraffic(parameters: Parameters): object {
  return pick(parameters, { ipProtocol: 'IpProtocol', fromPort: 'FromPort', toPort: 'ToPort' });
}

/** Ports are numbers [seen]; yes or no is JSON's own [inferred]; all else is as the caller typed it. */
const NUMBERS = [
  'FromPort',
  'ToPort',
  'MaxResults',
  'MaxEntries',
  'CurrentVersion',
  'PreviousVersion',
  'TargetVersion',
];
const BOOLEANS = ['IncludeManagedResources'];

/** The parameters that are there, under the names that CloudTrail has for them. */
export function pick(parameters: Parameters, names: Readonly<Record<string, string>>): object {
  return Object.fromEntries(
    Object.entries(names).flatMap(([recorded, name]) => {
      const value = parameters.get(name);
      if (value === undefined) return [];
      return [[recorded, typed(name, value)]];
    }),
  );
}

function typed(name: string, value: string): string | number | boolean {
  if (NUMBERS.includes(name) && /^-?[0-9]{1,9}$/.test(value)) return Number(value);
  if (BOOLEANS.includes(name) && /^(true|false)$/.test(value)) return value === 'true';
  return value;
}

/** What newer Describe operations are asked [inferred, from ModifySecurityGroupRules]: things by their ids, and filters. */
export function toTaggedQuery(parameters: Parameters, idList: string): object {
  const values = (of: Parameters, list: string) => toTagged(readValues(of, list).map((content) => ({ content })));
  return {
    [idList]: values(parameters, idList),
    Filter: toTagged(
      readItems(parameters, 'Filter').map((filter) => ({
        ...pick(filter, { Name: 'Name' }),
        Value: values(filter, 'Value'),
      })),
    ),
    ...pick(parameters, { MaxResults: 'MaxResults', NextToken: 'NextToken' }),
  };
}

/** The members of a list in a newer operation, each with those of these parameters that it has. */
export function toTaggedItems(parameters: Parameters, list: string, names: readonly string[]) {
  const same = Object.fromEntries(names.map((name) => [name, name]));
  return toTagged(readItems(parameters, list).map((item) => pick(item, same)));
}

/** In newer operations a list of one is the one itself, and each member bears its number as `tag` [consumer]. */
export function toTagged(items: readonly object[]): object | readonly object[] | undefined {
  const tagged = items.map((item, i) => ({ ...item, tag: i + 1 }));
  return tagged.length === 1 ? tagged[0] : tagged.length === 0 ? undefined : tagged;
}
