import { createHash } from 'node:crypto';
import type { Alias, Document, LineCounter, YAMLParseError } from 'yaml';
import { type Allowlist, type AllowlistProblem, parseAllowlist } from '../policy/allowlist.ts';
import { CompiledAllowlist } from '../policy/compile-allowlist.ts';
import { printable, quote } from '../policy/grant.ts';

/** An allowlist ready for judging, and which one it is. */
export interface LoadedAllowlist {
  readonly allowlist: Allowlist;
  readonly compiled: CompiledAllowlist;
  /** Of the text it was read from, in hexadecimal. */
  readonly sha256: string;
}

/** A problem of an allowlist and where in its text it is; both count from 1. */
export interface LocatedProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
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

/** How many of the parser's errors are told: one that it stumbles over makes it stumble over much that follows. */
const MOST_SYNTAX_PROBLEMS = 5;
/** How much aliases may multiply what is written. Thousands of rules may share a list; nobody needs lists of lists of it. */
const MOST_ALIASES = 10_000;

/**
 * Reads an allowlist from its text: YAML, of which JSON is a part.
 *
 * @param name what to call it in a message: a file's path, a parameter's name.
 * @throws {AllowlistError} naming every problem with its line and column.
 */
export async function parseAllowlistText(text: string, name: string): Promise<LoadedAllowlist> {
  // The YAML parser is loaded when there is YAML: the packaged allowlist is JSON by then.
  const { LineCounter, parseDocument, visit } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const syntax = document.errors
    .slice(0, MOST_SYNTAX_PROBLEMS)
    .map((error) => locate(lines, error.pos[0], describeSyntaxError(error)));
  if (syntax.length > 0) throw invalid(name, syntax);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    const unresolved: LocatedProblem[] = [];
    visit(document, {
      Alias: (_, alias) => {
        if (alias.resolve(document) !== undefined) return;
        unresolved.push(locate(lines, alias.range?.[0] ?? 0, describeUnresolved(alias)));
      },
    });
    if (unresolved.length > 0) throw invalid(name, unresolved);
    throw new AllowlistError(`${name} cannot be read: ${(error as Error).message}`, [], { cause: error });
  }
  const { allowlist, problems } = parseAllowlist(value);
  if (problems !== undefined)
    throw invalid(
      name,
      problems.map((problem) => locateProblem(document, lines, problem)),
    );
  return loadAllowlist(allowlist, text);
}

/** Compiles an allowlist that was checked already; `text` is what its hash is made of. */
export function loadAllowlist(allowlist: Allowlist, text: string): LoadedAllowlist {
  return {
    allowlist,
    compiled: new CompiledAllowlist(allowlist),
    sha256: createHash('sha256').update(text).digest('hex'),
  };
}

function invalid(name: string, problems: readonly LocatedProblem[]): AllowlistError {
  const lines = problems.map(({ line, column, message }) => `  ${name}:${line}:${column}: ${message}`);
  return new AllowlistError(`${name} is not a valid allowlist:\n${lines.join('\n')}`, problems);
}

function describeSyntaxError({ code, message }: YAMLParseError): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here, and an allowlist is one document';
  return printable(message, 200);
}

function describeUnresolved({ source }: Alias): string {
  return `the alias ${quote(source)} stands for nothing: no anchor of that name comes before it`;
}

function locateProblem(document: Document.Parsed, lines: LineCounter, { path, message }: AllowlistProblem) {
  return locate(
    lines,
    offsetOf(document, path),
    path.length > 0 ? `${toText(path)} ${message}` : `the document ${message}`,
  );
}

/** Where the value at a path begins, or the nearest thing around it that is written down. */
function offsetOf(document: Document.Parsed, path: AllowlistProblem['path']): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return node.range[0];
  }
  return 0;
}

function locate(lines: LineCounter, offset: number, message: string): LocatedProblem {
  const { line, col } = lines.linePos(offset);
  return { line, column: col, message };
}

function toText(path: AllowlistProblem['path']): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${printable(key, 64)}`))
    .join('');
}
