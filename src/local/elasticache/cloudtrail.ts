import type { ApiCall } from '../service.ts';

/**
 * The parameters as CloudTrail nests them, as the caller typed them. Only the first letter of each name is lowered
 * (`eC2SecurityGroupName`), as seen in records of sibling calls; `Tags.Tag.1.Key` becomes a key of the first
 * of `tags`.
 */
export function toRequestParameters({ parameters, error }: ApiCall): unknown {
  // A caller without permission is not told on: seen in records of sibling calls.
  if (error?.code === 'AccessDenied') return null;
  const plain: Record<string, unknown> = {};
  const tags = new Map<string, Record<string, string>>();
  for (const [name, value] of parameters) {
    const [list, , number, member] = name.split('.');
    if (list !== 'Tags') plain[name] = value;
    else if (number && member) tags.set(number, { ...tags.get(number), [member]: value });
  }
  return lowerFirstLetters(tags.size > 0 ? { ...plain, Tags: [...tags.values()] } : plain);
}

/** The bare cache security group, not wrapped as in the API's answer. */
export function toResponseElements({ result }: ApiCall): unknown {
  const group = (result as { CacheSecurityGroup?: unknown } | undefined)?.CacheSecurityGroup;
  return group === undefined ? null : lowerFirstLetters(group);
}

function lowerFirstLetters(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerFirstLetters);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [lowerFirst(key), lowerFirstLetters(member)]));
}

function lowerFirst(name: string): string {
  // ARN is seen as aRN, Description as description.
  return name.charAt(0).toLowerCase() + name.slice(1);
}
