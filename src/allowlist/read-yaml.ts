import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml';
import { describeUnquoted } from '../policy/allowlist-fields.ts';
import type { AllowlistProblem } from '../policy/parse-allowlist.ts';
import { printable, quote } from '../policy/quote.ts';
import { didYouMean } from './did-you-mean.ts';
import type { LocatedProblem, Position } from './loaded-allowlist.ts';

/** How many problems of the YAML itself are told: one that the parser stumbles over makes it stumble over what follows. */
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
  /** A problem with its place, and with a mend where the text tells of one. */
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

function describeSyntaxError({ code, message }: YAMLParseError): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here, and an allowlist is one document';
  return printable(message, 200);
}

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
          problems.push({ ...positionOf(key.range?.[0] ?? 0), message: 'Map keys must be unique' });
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
