import type { ApiCall } from '../service.ts';

/** Parameters that are lists. */
const LISTS = new Set(['CacheSecurityGroupNames', 'SecurityGroupIds', 'SubnetIds', 'Tags']);
/** Parameters that are numbers, and yes or no. */
const NUMBERS = new Set([
  'MaxRecords',
  'MaxResults',
  'NumCacheClusters',
  'NumCacheNodes',
  'NumNodeGroups',
  'Port',
  'ReplicasPerNodeGroup',
]);
const BOOLEANS = new Set([
  'ApplyImmediately',
  'RetainPrimaryCluster',
  'ShowCacheClustersNotInReplicationGroups',
  'ShowCacheNodeInfo',
]);

/**
 * The parameters as CloudTrail nests them, as the caller typed them. Only the first letter of each name is lowered
 * (`eC2SecurityGroupName`), as seen in records of sibling calls. Numbers and yes or no are JSON's own, as in the records
 * that the ElastiCache User Guide shows. That `SecurityGroupIds.SecurityGroupId.1` becomes the first of an array, and
 * `Tags.Tag.1.Key` a key of the first of `tags`, is inferred.
 */
export function toRequestParameters({ parameters, error }: ApiCall): unknown {
  // What a caller without permission sent is not recorded: seen in records of sibling calls.
  if (error?.code === 'AccessDenied') return null;
  const plain: Record<string, unknown> = {};
  const lists = new Map<string, Map<string, unknown>>();
  for (const [name, value] of parameters) {
    const [list = '', , number, member] = name.split('.');
    if (!LISTS.has(list)) plain[name] = typed(name, value);
    else if (number) {
      const items = lists.get(list) ?? new Map<string, unknown>();
      items.set(number, member ? { ...(items.get(number) as object | undefined), [member]: value } : value);
      lists.set(list, items);
    }
  }
  for (const [list, items] of lists) plain[list] = inOrder(items);
  return lowerFirstLetters(plain);
}

/** The bare thing that the call was about (a cache security group, a cache cluster), not wrapped as in the answer. */
export function toResponseElements({ result }: ApiCall): unknown {
  const [thing] = Object.values(result ?? {});
  return thing === undefined ? null : lowerFirstLetters(thing);
}

/** What cannot be what it should be stays text. */
function typed(name: string, value: string): unknown {
  if (NUMBERS.has(name) && /^[0-9]{1,9}$/.test(value)) return Number(value);
  if (BOOLEANS.has(name) && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

function inOrder(items: ReadonlyMap<string, unknown>): unknown[] {
  return [...items].sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item);
}

function lowerFirstLetters(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerFirstLetters);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [lowerFirst(key), lowerFirstLetters(member)]));
}

function lowerFirst(name: string): string {
  // ARN is seen as aRN, Description as description.
  return name.charAt(0).toLowerCase() + name.slice(1);
}
