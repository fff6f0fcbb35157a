import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml';
import { describeUnquoted } from '../policy/allowlist-fields.ts';
import type { AllowlistProblem } from '../policy/parse-allowlist.ts';
import { printable, quote } from '../policy/quote.ts';
import { didYouMean } from './did-you-mean.ts';
import type { LocatedProblem, Position } from './loaded-allowlist.ts';

/** How many problems of the YAML itself are reported: one that the parser stumbles over makes it stumble over what follows. */
const MOST_PROBLEMS = 5;

/** The tags of YAML's core schema: they say of a value what it is anyway (YAML 1.2, 10.3). */
const OWN_TAGS = /^tag:yaml\.org,2002:(str|int|float|bool|null|seq|map)$/;

type Path = AllowlistProblem['path'];

/** A YAML text, read. */
export interface Yaml {
  /** What is wrong with it as YAML; nothing else counts if there is any. */
  readonly problems: readonly LocatedProblem[];
  /** As plain data. */
  readonly value: unknown;
  /** Where the value at a path begins, or the nearest thing around it that is written down. */
  readonly locate: (path: Path) => Position;
  /** A problem with its place, and with a fix where the text suggests one. */
  readonly describe: (problem: AllowlistProblem) => LocatedProblem;
}

/** Reads YAML 1.2 without anchors and aliases, and without tags but those of its core schema. Never throws. */
export function readYaml(text: string): Yaml {
  const lines = new LineCounter();
  // The parser compares each key of a mapping with each, which takes minutes where there are a hundred thousand.
  const options = { lineCounter: lines, prettyErrors: false, logLevel: 'error', uniqueKeys: false } as const;
  const document = parseDocument(text, options);
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const locate = (path: Path): Position => positionOf(offsetOf(document, path));
  const syntax = document.errors
    .slice(0, MOST_PROBLEMS)
    .map((error) => ({ ...positionOf(error.pos[0]), message: describeSyntaxError(error) }));
  const problems = syntax.length > 0 ? syntax : findMisleading(document, text, positionOf);
  return {
    problems,
    value: problems.length > 0 ? undefined : document.toJS({ maxAliasCount: 0 }),
    locate,
    describe(problem) {
      if (problem.unknownKey === undefined) {
        return { ...locate(problem.path), message: `${toText(problem.path)}: ${describeValue(document, problem)}` };
      }
      const within = problem.path.slice(0, -1);
      const place = positionOf(keyOffsetOf(document, within, problem.unknownKey));
      return {
        ...place,
        message: `${toText(within)}: ${problem.message}${hint(problem.unknownKey, problem.knownKeys ?? [])}`,
      };
    },
  };
}

/** What the parser says is for people who know how it works, so of its message only a sign is taken that is missing. */
function describeSyntaxError({ code, message }: YAMLParseError): string {
  const [, end] = /\bend with a ([\]}])$/.exec(message) ?? [];
  if (end !== undefined) return `${end === ']' ? 'the list in [ ]' : 'the mapping in { }'} is not closed: add ${end}`;
  const [, missing] = MISSING.find(([said]) => message.includes(said)) ?? [];
  return missing ?? SYNTAX[code];
}

/** Of one code, what says more. */
const MISSING: readonly (readonly [string, string])[] = [
  ["Missing closing 'quote", "a text in quotes is not closed: add '"],
  ['Missing closing "quote', 'a text in quotes is not closed: add "'],
  ['Missing , ', 'a comma is missing between two entries'],
  ['Implicit map keys', 'a colon is missing: write `key: value`'],
  ['without - indicator', 'an entry of this list does not begin with `- `'],
  ['Missing space after :', 'a space is missing after the colon'],
  ['Comments must', 'a space is missing before the #'],
];

const ANCHOR =
  'an anchor, alias or tag: write out what it stands for, or, if it is part of a name, put the name in quotes';
const NO_YAML = 'this is not YAML: check the lines around it';

const SYNTAX: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: ANCHOR,
  BAD_ALIAS: ANCHOR,
  BAD_COLLECTION_TYPE: ANCHOR,
  BAD_DIRECTIVE: 'a line cannot begin with %: put the text in quotes',
  BAD_DQ_ESCAPE: 'a backslash in double quotes that means nothing: write \\\\, or use single quotes',
  BAD_INDENT: 'the indentation does not match: entries of one list or mapping begin in the same column',
  BAD_PROP_ORDER: ANCHOR,
  BAD_SCALAR_START: 'a text cannot begin with this character: put it in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a list or mapping begins in the middle of a line: begin a new line, or put the text in quotes',
  BLOCK_IN_FLOW: 'a list or mapping in lines cannot be within [ ] or { }: write it on one line',
  DUPLICATE_KEY: 'a key is there twice: keep one of them',
  IMPOSSIBLE: NO_YAML,
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'a character is missing: check quotes, brackets, and the space after a colon',
  MULTILINE_IMPLICIT_KEY: 'a colon is missing, or a key goes over several lines: write `key: value` on one line',
  MULTIPLE_ANCHORS: ANCHOR,
  MULTIPLE_DOCS: 'a second document begins here: remove it, or put it into a file of its own',
  MULTIPLE_TAGS: ANCHOR,
  NON_STRING_KEY: 'a key must be a text',
  RESOURCE_EXHAUSTION: 'this is nested too deeply',
  TAB_AS_INDENT: 'a tab: indent with spaces',
  TAG_RESOLVE_FAILED: ANCHOR,
  UNEXPECTED_TOKEN: 'this does not belong here: check the quotes, brackets and commas before it',
};

/** Anchors, aliases, tags and keys that are there twice: what makes a text mean something that does not stand there. */
function findMisleading(
  document: Document.Parsed,
  text: string,
  positionOf: (offset: number) => Position,
): LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  // A node begins after its anchor and its tag; the place to show is theirs.
  const add = (node: Node, sign: string, message: string): void => {
    let at = Math.max(0, text.lastIndexOf(sign, node.range?.[0] ?? 0));
    // `!!` is one sign.
    if (text[at - 1] === sign) at--;
    problems.push({ ...positionOf(at), message });
  };
  visit(document, {
    Node: (_, node) => {
      if (isMap(node)) {
        for (const key of findRepeatedKeys(node)) {
          problems.push({
            ...positionOf(key.range?.[0] ?? 0),
            message: `key ${quote((key as Scalar).value)} is there twice: keep one of them`,
          });
        }
      }
      if (isAlias(node)) {
        add(
          node,
          '*',
          `alias ${quote(`*${node.source}`)}: write out what it stands for, or, if it is a name, put it in quotes`,
        );
        return;
      }
      if (node.tag !== undefined && !OWN_TAGS.test(node.tag)) {
        const tag = quote(node.tag.replace('tag:yaml.org,2002:', '!!'));
        add(node, '!', `YAML tag ${tag}: remove it; if it is part of a name, put the name in quotes`);
      }
      if (node.anchor !== undefined) {
        add(
          node,
          '&',
          `anchor ${quote(`&${node.anchor}`)}: an allowlist has none; if it is part of a name, put the name in quotes`,
        );
      }
    },
  });
  return problems.slice(0, MOST_PROBLEMS);
}

function findRepeatedKeys({ items }: YAMLMap): Node[] {
  const known = new Set<unknown>();
  return items.flatMap(({ key }) => {
    if (!isScalar(key)) return [];
    const isRepeated = known.has(key.value);
    known.add(key.value);
    return isRepeated ? [key] : [];
  });
}

/** The message, with the value as it is written down: a number has lost its leading zeros by now. */
function describeValue(document: Document.Parsed, { path, message, unquoted }: AllowlistProblem): string {
  const node = unquoted === undefined ? undefined : document.getIn(path, true);
  if (unquoted === undefined || !isScalar(node) || node.source === undefined) return message;
  return describeUnquoted(unquoted, node.value, node.source);
}

function hint(unknownKey: string, known: readonly string[]): string {
  const nearest = didYouMean(unknownKey, known);
  return nearest === undefined ? `; known are ${known.join(', ')}` : `: did you mean \`${nearest}\`?`;
}

function offsetOf(document: Document.Parsed, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function keyOffsetOf(document: Document.Parsed, path: Path, unknownKey: string): number {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  const keys = isMap(map) ? map.items.map(({ key }) => key) : [];
  const key = keys.find((one) => isScalar(one) && String(one.value) === unknownKey);
  return isNode(key) && key.range ? key.range[0] : offsetOf(document, path);
}

function toText(path: Path): string {
  if (path.length === 0) return 'the document';
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${printable(key, 64)}`))
    .join('');
}
