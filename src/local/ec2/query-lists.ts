import type { Parameters } from '../parameters.ts';

/**
 * The members of a list as the EC2 Query protocol numbers them: of `IpPermissions.1.ToPort`, `ToPort` is a parameter of the
 * first of `IpPermissions`. What is no member of the list is left out. Numbers need not follow on one another.
 */
export function readItems(parameters: Parameters, list: string): Parameters[] {
  const items = new Map<number, Map<string, string>>();
  for (const [name, value] of parameters) {
    if (!name.startsWith(`${list}.`)) continue;
    const [, number, member = ''] = /^([1-9][0-9]{0,5})(?:\.(.+))?$/s.exec(name.slice(list.length + 1)) ?? [];
    if (number === undefined) continue;
    const item = items.get(Number(number)) ?? new Map<string, string>();
    items.set(Number(number), item.set(member, value));
  }
  return [...items].sort(([a], [b]) => a - b).map(([, item]) => item);
}

/** The values of a list of texts: `GroupId.1` is the first of `GroupId`. */
export function readValues(parameters: Parameters, list: string): string[] {
  return readItems(parameters, list).flatMap((item) => item.get('') ?? []);
}
