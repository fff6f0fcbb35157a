/** Any fixed number will do, as long as each run of `npm test` has the same one. */
const FIXED = '14';

/** What the inputs of all properties are drawn from. `npm run explore` sets FUZZ_SEED to a new number for each round. */
export const SEED = readSeed(process.env.FUZZ_SEED);

/** @throws if it is not a number of 32 bits, which is what fast-check takes. */
export function readSeed(written: string | undefined): number {
  const number = Number(written || FIXED);
  // The bitwise operators make a number of 32 bits of any other.
  if (!/[^-0-9]/.test(written ?? '') && (number | 0) === number) return number;
  throw new Error(`FUZZ_SEED is ${written}: write a whole number from -2147483648 to 2147483647`);
}
