import { oneLine } from '../one-line.ts';

/** What a check came to: `unknown` if it could not be made. */
export type Verdict = 'ok' | 'wrong' | 'unknown';

/** One line of `doctor`. */
export interface Check {
  /** What it is about, one word for every check of its kind: `trail`, `rule`, `function`. */
  readonly check: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly text: string;
  /** What to do about it, a command where there is one. Of every check that is not `ok`. */
  readonly fix?: string;
}

/** Makes the checks of one kind. */
export interface Kind {
  readonly check: string;
  /** What is read, for when it cannot be. */
  readonly what: string;
  readonly make: () => Promise<readonly Check[]>;
}

/** The checks of a kind; if they cannot be made, one that says so. Never throws. */
export async function make({ check, what, make: run }: Kind): Promise<readonly Check[]> {
  try {
    return await run();
  } catch (error) {
    return [unknown(check, what, error)];
  }
}

/** Errors whose message says all there is to say. */
const OURS = ['Error', 'AllowlistError', 'CommandError'];

/** A check that could not be made. It must never look like one that found nothing. */
export function unknown(check: string, what: string, error: unknown): Check {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const permission = /not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1];
  const isDenied = permission !== undefined || /^AccessDenied|^UnauthorizedOperation/.test(name);
  return {
    check,
    verdict: 'unknown',
    text: `${what} could not be read: ${oneLine(OURS.includes(name) ? message : `${name}: ${message}`, 300)}`,
    fix: isDenied
      ? `allow ${permission ?? 'this call'} for the credentials that you use, and run doctor again`
      : 'run doctor again; if it stays, check the network and AWS_ENDPOINT_URL',
  };
}

export function ok(check: string, text: string): Check {
  return { check, verdict: 'ok', text };
}

export function wrong(check: string, text: string, fix: string): Check {
  return { check, verdict: 'wrong', text, fix };
}
