import { invalid, type Parameters, readText, required } from '../parameters.ts';
import type { Engine } from './cache-clusters.ts';

/** The longest ids and names that AWS documents; that of a serverless cache is inferred from a replication group's. */
const LONGEST = {
  CacheClusterId: 50,
  CacheSubnetGroupName: 255,
  PrimaryClusterId: 50,
  ReplicationGroupId: 40,
  ServerlessCacheName: 40,
} as const;

type NameParameter = keyof typeof LONGEST;

/** The name of a cache that is there: stored, and answered, in lower case. */
export function readName(parameters: Parameters, parameter: NameParameter): string {
  const name = required(parameters, parameter);
  const longest = LONGEST[parameter];
  if (!/^[a-zA-Z0-9-]+$/.test(name) || name.length > longest) {
    throw invalid(parameter, name, `it must be 1 to ${longest} letters, digits and hyphens`);
  }
  return name.toLowerCase();
}

/** The name of a cache that is to be made. */
export function readNewName(parameters: Parameters, parameter: NameParameter): string {
  const name = readName(parameters, parameter);
  if (!/^[a-z](-?[a-z0-9])*$/.test(name)) {
    const why = 'it must begin with a letter, must not end with a hyphen and not have two hyphens in a row';
    throw invalid(parameter, name, why);
  }
  return name;
}

/** @throws {ApiError} MissingParameter without one, InvalidParameterValue for another. */
export function readEngine<Known extends Engine>(parameters: Parameters, ...engines: readonly Known[]): Known {
  const written = required(parameters, 'Engine');
  const engine = engines.find((known) => known === written);
  if (engine === undefined) throw invalid('Engine', written, `it must be ${engines.join(' or ')}`);
  return engine;
}

/** `true` or `false`, and false when it is not said. */
export function readBoolean(parameters: Parameters, name: string): boolean {
  const written = parameters.get(name) ?? 'false';
  if (written !== 'true' && written !== 'false') throw invalid(name, written, 'it must be true or false');
  return written === 'true';
}

/** A word such as a version or a node type, which is not looked up. */
export function readWord(parameters: Parameters, name: string, otherwise: string): string {
  const word = parameters.get(name) ?? otherwise;
  if (!/^[a-zA-Z0-9._-]{1,100}$/.test(word)) {
    throw invalid(name, word, 'it must be 1 to 100 letters, digits, dots, hyphens and underscores');
  }
  return word;
}

/** Of a serverless cache. Documented: up to 255 characters. */
export function readDescription(parameters: Parameters): string | undefined {
  return parameters.has('Description') ? readText(parameters, 'Description', 255) : undefined;
}

/** `SubnetIds.SubnetId.1` and so on, each once, in order of their numbers. */
export function readList(parameters: Parameters, list: string, member: string): string[] {
  const numbered: [number, string][] = [];
  for (const [name, value] of parameters) {
    if (!name.startsWith(`${list}.`)) continue;
    const [, label, number = '', ...more] = name.split('.');
    if (label !== member || !/^[1-9][0-9]{0,3}$/.test(number) || more.length > 0) {
      throw invalid(list, name, `its members are ${list}.${member}.N`);
    }
    numbered.push([Number(number), value]);
  }
  return [...new Set(numbered.sort(([a], [b]) => a - b).map(([, value]) => value))];
}
