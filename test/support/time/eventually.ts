import { expect } from 'vitest';

/** What holds sooner or later, on a machine however busy. */
export function eventually<T>(actual: () => T) {
  return expect.poll(actual);
}
