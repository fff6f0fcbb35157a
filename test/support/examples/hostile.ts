import fc from 'fast-check';
import { type JsonObject, type Path, pathsOf, withValueAt } from '../../events/sample-events.ts';

/** The end of values so long that they must be cut wherever they are shown. */
export const TAIL = 'END-OF-A-LONG-VALUE';
/** What a value puts at the beginning of a line of its own, if it can. */
export const FORGED = 'FORGED-LINE';

/** What a value does to a page that takes it for markup. */
export const MARKUP = '</script><img src=x onerror=alert(1)>';

/** Texts as somebody would send them who wants something to break. */
export const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.constantFrom(
    'HIDDEN_DUE_TO_SECURITY_REASONS',
    '\u001b[2J\u001b[31m',
    `\r\n{"level":"INFO"}\n${FORGED}`,
    `a\n${FORGED}`,
    `\u2028${FORGED}\u0085${FORGED}`,
    '\u202E\u2066\u009b31m\u007f',
    '\uD800\uDFFF\uD800',
    '=1+1',
    MARKUP,
    '%s%n%d',
    `${'x'.repeat(10_000)}${TAIL}`,
    '\n'.repeat(2_000),
    '',
  ),
);

/** Keys that reach for a prototype, and some that mean something to us. */
export const hostileKey = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'toJSON', 'then', 'length'),
  hostileText,
);

/** Any JSON, with hostile texts as values and as keys. Keys are own ones, also `__proto__`. */
export const { hostileJson } = fc.letrec<{ hostileJson: unknown }>((tie) => ({
  hostileJson: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.jsonValue(),
    hostileText,
    fc.array(tie('hostileJson'), { maxLength: 3 }),
    fc.array(fc.tuple(hostileKey, tie('hostileJson')), { maxLength: 4 }).map(toObject),
  ),
}));

function toObject(members: readonly (readonly [string, unknown])[]): unknown {
  return JSON.parse(`{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)}}`);
}

/** One of these documents, in which up to three values, wherever they are, are replaced by others or gone, or joined by one. */
export function mutatedJson(documents: readonly unknown[], other: fc.Arbitrary<unknown> = hostileJson) {
  return fc.constantFrom(...documents).chain((document) => {
    const mutation = fc.record({
      path: fc.constantFrom(...pathsOf(document)),
      value: fc.oneof(
        { weight: 6, arbitrary: fc.oneof(other, fc.constantFrom(...valuesOf(document))) },
        fc.constant(undefined),
      ),
      beside: fc.oneof(
        { weight: 5, arbitrary: fc.constant([]) },
        hostileKey.map((key) => [key]),
      ),
    });
    return fc
      .array(mutation, { minLength: 1, maxLength: 3 })
      .map((mutations) =>
        mutations.reduce<unknown>(
          (mutated, { path, value, beside }) => replaceAt(mutated, [...path, ...beside], value),
          document,
        ),
      );
  });
}

/** What stands in an event under a key that nobody asked for. */
export const SECRET = 'SECRET-OF-SOMEBODY';

/** The same event with a secret in one of its objects, under a key that no call of ours has. */
export const withSecret = (event: unknown) =>
  fc
    .tuple(fc.constantFrom(...pathsOf(event)), fc.constantFrom('password', 'secretAccessKey', 'x-amz-security-token'))
    .map(([path, key]) => {
      const parent = path.reduce<unknown>((at, step) => (at as Record<string, unknown> | null)?.[step], event);
      const canHold = typeof parent === 'object' && parent !== null && !Array.isArray(parent);
      return canHold ? withValueAt(event, [...path, key], SECRET) : event;
    });

/** Every value in a document, the document itself first. */
export function valuesOf(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value];
  return [value, ...Object.values(value).flatMap(valuesOf)];
}

/** Like withValueAt, but an earlier mutation may have taken away what the path leads through, and lists have no keys. */
function replaceAt(document: unknown, path: Path, value: unknown): unknown {
  let parent = document;
  for (const key of path.slice(0, -1))
    parent = isObject(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined;
  const last = path.at(-1);
  const fits =
    last === undefined || (isObject(parent) && (!Array.isArray(parent) || Object.keys(parent).includes(last)));
  return fits ? withValueAt(document, path, value) : document;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

/** One of these texts, in which up to four stretches are gone, doubled, moved or replaced by one of the pieces. */
export function mutatedText(texts: readonly string[], pieces: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...pieces) }, hostileText);
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 200 })),
    with: fc.oneof(piece, fc.constant(''), fc.constant(undefined)),
  });
  return fc.tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 4 })).map(([text, edits]) =>
    edits.reduce((edited, { at, length, with: put }) => {
      const from = Math.floor(at * edited.length);
      const taken = edited.slice(from, from + length);
      // Without anything to put there: what is there, twice.
      return `${edited.slice(0, from)}${put ?? taken + taken}${edited.slice(from + length)}`;
    }, text),
  );
}
