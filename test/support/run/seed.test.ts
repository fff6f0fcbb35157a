import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSeed, SEED } from './seed.ts';

test('properties draw their inputs from the seed of the run', () => {
  expect(fc.sample(fc.integer(), 10)).toEqual(fc.sample(fc.integer(), { numRuns: 10, seed: SEED }));
});

test.each([
  [undefined, 14],
  ['', 14],
  ['216793877', 216793877],
  ['-2147483648', -2147483648],
])('FUZZ_SEED=%s is seed %i', (written, seed) => {
  expect(readSeed(written)).toBe(seed);
});

test.each(['x', '1.5', '2147483648', '1e3', '-'])('FUZZ_SEED=%s is refused', (written) => {
  const message = `FUZZ_SEED is ${written}: write a whole number from -2147483648 to 2147483647`;

  expect(() => readSeed(written)).toThrow(message);
});
