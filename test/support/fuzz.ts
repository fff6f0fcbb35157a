/** How often a property is tried: as often as a test says, or FUZZ_TIMES as often. */
export function times(usual: number): { readonly numRuns: number } {
  return { numRuns: usual * Number(process.env.FUZZ_TIMES || 1) };
}
