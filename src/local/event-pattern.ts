/** Whether an event, or a value in it, fits. */
export type Matcher = (value: unknown) => boolean;

/**
 * Compiles an EventBridge event pattern. Each key of the pattern must be in the event; a list holds what a value may be,
 * or the comparisons it may pass; a list in the event fits if any of its members does.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 *
 * @throws if the pattern uses what is not known here: a rule that silently never matches would be worse.
 */
export function compileEventPattern(pattern: object): Matcher {
  const members = Object.entries(pattern).map(([key, expected]): [string, Matcher] => {
    // Looks at the whole, not at a member of that name.
    if (key === '$or' && Array.isArray(expected)) return [WHOLE, anyOf(expected.map(compileEventPattern))];
    if (Array.isArray(expected)) return [key, anyOf(expected.map(compileExpected))];
    if (isObject(expected)) return [key, compileEventPattern(expected)];
    throw new Error(`the event pattern holds ${JSON.stringify(expected)} at "${key}", where a list is needed`);
  });
  return eachOf((event) => members.every(([key, fits]) => fits(key === WHOLE ? event : readMember(event, key))));
}

/** In the place of a key: the whole event. No key of an event pattern is empty. */
const WHOLE = '';

function readMember(event: unknown, key: string): unknown {
  return isObject(event) && Object.hasOwn(event, key) ? event[key] : undefined;
}

function compileExpected(expected: unknown): Matcher {
  return isObject(expected) ? compileComparison(expected) : eachOf((value) => value === expected);
}

function compileComparison(comparison: Record<string, unknown>): Matcher {
  const [[name, operand] = ['nothing', undefined], ...more] = Object.entries(comparison);
  if (more.length > 0) throw new Error(`the event pattern compares in two ways at once: ${JSON.stringify(comparison)}`);
  if (name === 'exists' && typeof operand === 'boolean') return (value) => (value !== undefined) === operand;
  if (name === 'anything-but') {
    const excluded = anyOf([operand].flat().map(compileExpected));
    return (value) => value !== undefined && !excluded(value);
  }
  if (name === 'numeric' && Array.isArray(operand)) return compileNumeric(operand);
  // `*` is any run of characters. EventBridge also knows `\*` for the character itself, which no one here needed yet.
  if (name === 'wildcard' && typeof operand === 'string' && !operand.includes('\\')) {
    const expression = new RegExp(`^${operand.replace(/[.+?^${}()|[\]]/g, '\\$&').replaceAll('*', '.*')}$`, 's');
    return eachOf((value) => typeof value === 'string' && expression.test(value));
  }
  const compare = TEXT_COMPARISONS.get(name);
  if (compare === undefined || typeof operand !== 'string') {
    throw new Error(
      `the local event bus does not know the comparison ${JSON.stringify(comparison)} of an event pattern`,
    );
  }
  return eachOf((value) => typeof value === 'string' && compare(value, operand));
}

/** `[">", 0, "<=", 5]` */
function compileNumeric(operand: readonly unknown[]): Matcher {
  const bounds = Array.from({ length: Math.ceil(operand.length / 2) }, (_, i): ((value: number) => boolean) => {
    const compare = NUMERIC_COMPARISONS.get(String(operand[2 * i]));
    const bound = operand[2 * i + 1];
    if (compare === undefined || typeof bound !== 'number') {
      throw new Error(`the local event bus does not know the numbers ${JSON.stringify(operand)} of an event pattern`);
    }
    return (value) => compare(value, bound);
  });
  return eachOf((value) => typeof value === 'number' && bounds.every((fits) => fits(value)));
}

const NUMERIC_COMPARISONS: ReadonlyMap<string, (value: number, bound: number) => boolean> = new Map([
  ['>', (value, bound) => value > bound],
  ['>=', (value, bound) => value >= bound],
  ['<', (value, bound) => value < bound],
  ['<=', (value, bound) => value <= bound],
  ['=', (value, bound) => value === bound],
]);

const TEXT_COMPARISONS: ReadonlyMap<string, (value: string, operand: string) => boolean> = new Map([
  ['prefix', (value, operand) => value.startsWith(operand)],
  ['suffix', (value, operand) => value.endsWith(operand)],
  ['equals-ignore-case', (value, operand) => value.toLowerCase() === operand.toLowerCase()],
]);

function anyOf(matchers: readonly Matcher[]): Matcher {
  return (value) => matchers.some((fits) => fits(value));
}

function eachOf(fits: Matcher): Matcher {
  return (value) => (Array.isArray(value) ? value.some(fits) : fits(value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
