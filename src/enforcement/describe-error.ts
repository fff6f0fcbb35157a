import { printable } from '../policy/quote.ts';

/** An error on one line, and never so long that it would swell a report. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error), LONGEST);
  return printable(error.name === 'Error' ? error.message : `${error.name}: ${error.message}`, LONGEST);
}

const LONGEST = 300;
