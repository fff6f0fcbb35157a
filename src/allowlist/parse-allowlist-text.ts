import { createHash } from 'node:crypto';
import { type Allowlist, type AllowlistProblem, parseAllowlist } from '../policy/allowlist.ts';
import { CompiledAllowlist } from '../policy/compile-allowlist.ts';

/** An allowlist ready for judging, and which one it is. */
export interface LoadedAllowlist {
  readonly allowlist: Allowlist;
  readonly compiled: CompiledAllowlist;
  /** Of the text it was read from, in hexadecimal. */
  readonly sha256: string;
}

/** A place in a text; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A problem of an allowlist and where in its text it is. */
export interface LocatedProblem extends Place {
  readonly message: string;
}

/** A loaded allowlist that can tell where in its text something is. */
export interface LocatedAllowlist extends LoadedAllowlist {
  readonly locate: (path: AllowlistProblem['path']) => Place;
}

/** The allowlist cannot be used. Nothing is judged by it: an unreadable allowlist never means "deny everything". */
export class AllowlistError extends Error {
  override name = 'AllowlistError';
  readonly problems: readonly LocatedProblem[];

  constructor(message: string, problems: readonly LocatedProblem[] = [], options?: ErrorOptions) {
    super(message, options);
    this.problems = problems;
  }
}

/** Far more than anybody writes by hand; what is larger is something else. */
export const MOST_BYTES = 1024 * 1024;

/**
 * Reads an allowlist from its text: YAML, of which JSON is a part. Anchors, aliases and tags are refused: what is
 * allowed stands there as it is.
 *
 * @param name what to call it in a message: a file's path, a parameter's name.
 * @throws {AllowlistError} naming every problem with its line and column.
 */
export async function parseAllowlistText(text: string, name: string): Promise<LocatedAllowlist> {
  if (Buffer.byteLength(text) > MOST_BYTES) throw tooLarge(name);
  // The YAML parser is loaded when there is YAML: the packaged allowlist is JSON by then.
  const { readYaml } = await import('./read-yaml.ts');
  const yaml = readYaml(text);
  if (yaml.problems.length > 0) throw invalid(name, yaml.problems);
  const { allowlist, problems } = parseAllowlist(yaml.value);
  if (problems !== undefined) throw invalid(name, problems.map(yaml.describe).sort(byPlace));
  return { ...loadAllowlist(allowlist, text), locate: yaml.locate };
}

/** Compiles an allowlist that was checked already; `text` is what its hash is made of. */
export function loadAllowlist(allowlist: Allowlist, text: string): LoadedAllowlist {
  return {
    allowlist,
    compiled: new CompiledAllowlist(allowlist),
    sha256: createHash('sha256').update(text).digest('hex'),
  };
}

export function tooLarge(name: string): AllowlistError {
  const message = 'is larger than 1 MB: is this really the allowlist?';
  return new AllowlistError(`${name} ${message}`, [{ line: 1, column: 1, message: `the document ${message}` }]);
}

function byPlace(a: Place, b: Place): number {
  return a.line - b.line || a.column - b.column;
}

function invalid(name: string, problems: readonly LocatedProblem[]): AllowlistError {
  const lines = problems.map(({ line, column, message }) => `  ${name}:${line}:${column}: ${message}`);
  return new AllowlistError(`${name} is not a valid allowlist:\n${lines.join('\n')}`, problems);
}
