import { createHash } from 'node:crypto';
import { CompiledAllowlist } from '../policy/compile-allowlist.ts';
import { type AllowlistProblem, parseAllowlist } from '../policy/parse-allowlist.ts';
import { AllowlistError, type LocatedAllowlist, type LocatedProblem, type Position } from './loaded-allowlist.ts';
import { readYaml, type Yaml } from './read-yaml.ts';
import { decodeStrictly } from './text-encoding.ts';

/** Far more than anybody writes by hand; what is larger is something else. */
export const MOST_BYTES = 1024 * 1024;

/**
 * Reads an allowlist from its text: YAML, of which JSON is a part. Anchors and aliases are refused, and tags but YAML's
 * own: what is allowed stands there as it is.
 *
 * @param written the text, or the bytes of a file in UTF-8 or UTF-16.
 * @param name what to call it in a message: a file's path, a parameter's name.
 * @throws {AllowlistError} naming every problem with its line and column.
 */
export function parseAllowlistText(written: string | Uint8Array, name: string): LocatedAllowlist {
  if (Buffer.byteLength(written) > MOST_BYTES) throw tooLarge(name);
  const text = typeof written === 'string' ? written : decode(written, name);
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

function decode(bytes: Uint8Array, name: string): string {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) throw invalid(name, [{ line: 1, column: 1, message: PACKED }]);
  const { text, isValid, encoding } = decodeStrictly(bytes);
  if (isValid) return text;
  const message = `the next character is not valid ${encoding.toUpperCase()}: save the allowlist in UTF-8`;
  throw invalid(name, [{ ...endOf(text), message }]);
}

const PACKED = 'packed by gzip: unpack it first';

/** What stands where a program could not read the bytes of a text. */
const REPLACED = '\uFFFD';

/**
 * Refuses a text in which bytes were replaced because they were not valid: it was decoded before it came to us.
 *
 * @throws {AllowlistError} with line and column of the first.
 */
export function refuseReplaced(text: string, name: string): void {
  const at = text.indexOf(REPLACED);
  if (at < 0) return;
  const message = 'U+FFFD stands here in place of bytes that were not valid UTF-8: store the allowlist again, in UTF-8';
  throw invalid(name, [{ ...endOf(text.slice(0, at)), message }]);
}

/** The place of what comes after a text. */
export function endOf(text: string): Position {
  const lines = text.split('\n');
  return { line: lines.length, column: (lines.at(-1) as string).length + 1 };
}

/** How many problems are reported: to find the place of one takes time, and no one reads more before fixing these. */
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
