/**
 * What an object holds under these names, each with a small or with a capital first letter: CloudTrail lowers it for most
 * calls and leaves it for some. What is not there, or null, is left out.
 */
export function valuesAt(object: unknown, ...names: readonly string[]): unknown[] {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return [];
  return names
    .flatMap((name) => [name, `${name.charAt(0).toUpperCase()}${name.slice(1)}`])
    .filter((name) => Object.hasOwn(object, name))
    .map((name) => (object as Record<string, unknown>)[name])
    .filter((value) => value !== undefined && value !== null);
}

/**
 * What a list holds, however CloudTrail writes it down: as a list, as `{"items": [...]}` (`{}` when it is empty), or, for
 * one that was XML, as its only member.
 */
export function itemsOf(list: unknown): readonly unknown[] {
  if (list === undefined || list === null) return [];
  if (Array.isArray(list)) return list;
  if (typeof list !== 'object') return [list];
  const inner = valuesAt(list, 'items', 'item', 'member');
  if (inner.length > 0) return inner.flatMap((one) => (Array.isArray(one) ? one : [one]));
  return Object.keys(list).length === 0 ? [] : [list];
}

/** What the lists of these names hold, in all of the objects together. */
export function listAt(objects: readonly unknown[], ...names: readonly string[]): unknown[] {
  return objects.flatMap((object) => valuesAt(object, ...names)).flatMap(itemsOf);
}

/** An object, and what it holds under these names: what a call says is sometimes wrapped once more. */
export function withWrapped(object: unknown, ...names: readonly string[]): unknown[] {
  return [object, ...valuesAt(object, ...names)];
}

/** Whether parameters are not there. CloudTrail leaves out what is larger than 100 KB, and says `omitted` then. */
export function isLeftOut(parameters: unknown): boolean {
  return typeof parameters !== 'object' || parameters === null || valuesAt(parameters, 'omitted')[0] === true;
}

/** A name of the API as CloudTrail mostly has it. */
export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
