import { expect } from 'vitest';

/** How often a property is tried: as often as a test says, or FUZZ_TIMES as often; 0.1 is a tenth of it. */
export function times(usual: number): { readonly numRuns: number } {
  return { numRuns: Math.ceil(usual * Number(process.env.FUZZ_TIMES || 1)) };
}

/**
 * What tells a hang from work, in milliseconds. It is held against the processor's time, which other programs do not use
 * up; an input that only waits is found by the time limit of its test.
 */
const HANGS_AFTER_MS = 2_000;

/** Does something with an input, and holds it to what any input must be: done with soon, and no danger to any prototype. */
export async function harmless<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  const before = prototypes();
  const started = process.threadCpuUsage();
  try {
    return await work();
  } finally {
    const { user, system } = process.threadCpuUsage(started);
    expect((user + system) / 1000, 'an input takes too long').toBeLessThan(HANGS_AFTER_MS);
    const after = prototypes();
    const isAsBefore = after.length === before.length && after.every((member, i) => Object.is(member, before[i]));
    expect(isAsBefore, 'an input changes no prototype').toBe(true);
  }
}

const BUILT_IN = [Object, Array, Function, String, Number, Boolean, Map, Set, Promise, Error, RegExp, Date];

/** The built-in prototypes, member by member. */
function prototypes(): unknown[] {
  return BUILT_IN.flatMap(({ prototype }) =>
    Reflect.ownKeys(prototype).flatMap((key) => [key, Object.getOwnPropertyDescriptor(prototype, key)?.value]),
  );
}
