import { readdirSync, readFileSync } from 'node:fs';

/** The JSON files beside this one, by name: whole events as EventBridge delivers them. */
export const SAMPLE_NAMES = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length));

/** Those of cache security groups; the others are of VPC security groups and of the caches that they guard. */
export const CLASSIC_SAMPLE_NAMES = SAMPLE_NAMES.filter((name) => /^(authorize|revoke)-ingress/.test(name));
export const SECURITY_GROUP_SAMPLE_NAMES = SAMPLE_NAMES.filter((name) => !CLASSIC_SAMPLE_NAMES.includes(name));

export type JsonObject = { [key: string]: unknown };
/** Where in an event: `['detail', 'requestParameters', 'eC2SecurityGroupName']`. */
export type Path = readonly string[];

/** A fresh copy of a sample event. */
export function sampleEvent(name: string): JsonObject {
  return JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8'));
}

/** The event with other values at some paths (`detail.errorCode`); `undefined` takes the key away. */
export function withChanges(event: unknown, changes: Readonly<Record<string, unknown>>): unknown {
  return Object.entries(changes).reduce(
    (changed, [path, value]) => withValueAt(changed, path.split('.'), value),
    event,
  );
}

/** A copy of the event with another value at a path, whatever it is. */
export function withValueAt(event: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const copy = (Array.isArray(event) ? [...event] : { ...(event as object) }) as JsonObject;
  const changed = withValueAt(copy[key], rest, value);
  if (changed === undefined) delete copy[key];
  // To assign `__proto__` would make it no key at all.
  else Object.defineProperty(copy, key, { value: changed, enumerable: true, configurable: true, writable: true });
  return copy;
}

/** The paths of every value in an event, the event itself first. */
export function pathsOf(value: unknown): Path[] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, member]) => pathsOf(member).map((path) => [key, ...path]))];
}
