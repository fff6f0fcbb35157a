import type { Deadline } from '../../../src/enforcement/deadline.ts';
import { NO_REPORTER } from '../../../src/enforcement/event-outcome.ts';

/** More time than any test takes. */
export const ENOUGH_TIME = {
  deadline: new Date(8.64e15),
  timeUp: new AbortController().signal,
} as const satisfies Partial<Deadline>;

/** What an event takes beside what most tests are about: time, and somewhere to report to. */
export const UNHURRIED = { ...ENOUGH_TIME, reporter: NO_REPORTER } as const;

/** The same of an audit: the allowlist stays as it is. */
export const UNHURRIED_AUDIT = { ...ENOUGH_TIME, report: () => {}, confirmPolicy: async () => {} } as const;
