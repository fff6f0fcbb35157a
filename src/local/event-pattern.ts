/**
 * Whether an event fits an EventBridge event pattern. Each key of the pattern must be in the event; a list holds what a
 * value may be, or the comparisons it may pass; an event's list fits if any of its members does.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 *
 * @throws if the pattern uses a comparison that is not known here: a rule that silently never matches would be worse.
 */
export function matchesEventPattern(event: unknown, pattern: object): boolean {
  return Object.entries(pattern).every(([key, expected]) => {
    const value = isObject(event) && Object.hasOwn(event, key) ? event[key] : undefined;
    if (Array.isArray(expected)) return expected.some((one) => fits(value, one));
    if (isObject(expected)) return matchesEventPattern(value, expected);
    throw new Error(`the event pattern holds ${JSON.stringify(expected)} at "${key}", where a list is needed`);
  });
}

function fits(value: unknown, expected: unknown): boolean {
  if (isObject(expected)) return passes(value, expected);
  return Array.isArray(value) ? value.includes(expected) : value === expected;
}

function passes(value: unknown, comparison: Record<string, unknown>): boolean {
  const [name, operand, ...more] = Object.entries(comparison).flat();
  if (more.length > 0) throw new Error(`the event pattern compares in two ways at once: ${JSON.stringify(comparison)}`);
  const texts = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
  switch (name) {
    case 'exists':
      return (value !== undefined) === operand;
    case 'prefix':
      return texts.some((text) => text.startsWith(String(operand)));
    case 'suffix':
      return texts.some((text) => text.endsWith(String(operand)));
    case 'equals-ignore-case':
      return texts.some((text) => text.toLowerCase() === String(operand).toLowerCase());
    case 'anything-but':
      return value !== undefined && !fits(value, operand) && !(Array.isArray(operand) && operand.includes(value));
    default:
      throw new Error(`the local event bus does not know the comparison "${name}" of an event pattern`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
