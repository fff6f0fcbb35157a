import * as z from 'zod/mini';

/**
 * Checks a value against a schema of zod.
 *
 * @returns what zod says of it; `undefined` if it has so many problems that zod cannot report them: it hands them on as the
 * arguments of a call, and an engine takes some 100,000 of these. Never throws, whatever the value is.
 */
export function checkShape<Schema extends z.core.$ZodType>(schema: Schema, value: unknown) {
  try {
    return z.safeParse(schema, value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What is wrong with a value for which `checkShape` gives nothing. */
export const TOO_MANY_PROBLEMS = 'has more problems than can be listed';
