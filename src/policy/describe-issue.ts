import type * as z from 'zod/mini';
import { quote } from './quote.ts';

/**
 * What zod found wrong with a value, in our words: "must be a text: it is missing". Zod's own words are never shown.
 *
 * @param issue whose `path` begins at `value`. The message of a check of our own (`custom`) is taken as it is.
 */
export function describeIssue(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'custom' && issue.message !== ZODS_OWN) return issue.message;
  return `${expectation(issue)}: it is ${describeValue(valueAt(issue.path, value))}`;
}

/** Of a check without a message. */
const ZODS_OWN = 'Invalid input';

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${WORDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return mustBeOneOf(issue.values);
    case 'invalid_union':
      // Kinds that no key tells apart are those of a grant.
      return 'options' in issue ? mustBeOneOf(issue.options) : 'must say what is reached and by whom';
    case 'too_small':
      return issue.origin === 'array' ? 'must not be empty' : `must not be below ${issue.minimum}`;
    case 'too_big':
      return `must not be above ${issue.maximum}`;
    default:
      return 'is not what it must be';
  }
}

function mustBeOneOf(values: readonly unknown[]): string {
  return `must be ${values.length > 1 ? 'one of ' : ''}${values.map(String).join(', ')}`;
}

const WORDS: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  record: 'an object',
};

function valueAt(path: readonly PropertyKey[], value: unknown): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return quote(value);
}
