import { createHash } from 'node:crypto';
import { CompiledAllowlist } from '../policy/compile-allowlist.ts';
import { type AllowlistProblem, parseAllowlist } from '../policy/parse-allowlist.ts';
import { AllowlistError, type LocatedAllowlist, type LocatedProblem, type Position } from './loaded-allowlist.ts';
import { readYaml, type Yaml } from './read-yaml.ts';

/** Far more than anybody writes by hand; what is larger is something else. */
export const MOST_BYTES = 1024 * 1024;

/** What the first bytes of gzip become when they are read as a text. */
const GZIP = '\u001F\uFFFD';

/**
 * Reads an allowlist from its text: YAML, of which JSON is a part. Anchors and aliases are refused, and tags but YAML's
 * own: what is allowed stands there as it is.
 *
 * @param name what to call it in a message: a file's path, a parameter's name.
 * @throws {AllowlistError} naming every problem with its line and column.
 */
export function parseAllowlistText(text: string, name: string): LocatedAllowlist {
  if (Buffer.byteLength(text) > MOST_BYTES) throw tooLarge(name);
  if (text.startsWith(GZIP)) throw invalid(name, [{ line: 1, column: 1, message: 'packed by gzip: unpack it first' }]);
  const yaml = readYaml(text);
  if (yaml.problems.length > 0) throw invalid(name, yaml.problems);
  const { allowlist, problems } = parseAllowlist(yaml.value);
  if (problems !== undefined) throw invalid(name, locateProblems(problems, yaml));
  return {
    allowlist,
    compiled: new CompiledAllowlist(allowlist),
    sha256: createHash('sha256').update(text).digest('hex'),
    locate: yaml.locate,
  };
}

/** How many problems are told: to find the place of one takes time, and nobody reads more before mending these. */
const MOST_PROBLEMS = 100;

function locateProblems(problems: readonly AllowlistProblem[], yaml: Yaml): LocatedProblem[] {
  const located = problems.slice(0, MOST_PROBLEMS).map(yaml.describe).sort(byPosition);
  const next = problems[MOST_PROBLEMS];
  if (next === undefined) return located;
  return [...located, { ...yaml.locate(next.path), message: `and ${problems.length - MOST_PROBLEMS} more problems` }];
}

export function tooLarge(name: string): AllowlistError {
  const message = 'is larger than 1 MB: is this really the allowlist?';
  return new AllowlistError(`${name} ${message}`, [{ line: 1, column: 1, message: `the document ${message}` }]);
}

function byPosition(a: Position, b: Position): number {
  return a.line - b.line || a.column - b.column;
}

function invalid(name: string, problems: readonly LocatedProblem[]): AllowlistError {
  const lines = problems.map(({ line, column, message }) => `  ${name}:${line}:${column}: ${message}`);
  return new AllowlistError(`${name} is not a valid allowlist:\n${lines.join('\n')}`, problems);
}
