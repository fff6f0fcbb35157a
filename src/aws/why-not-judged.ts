import { isThrottlingError } from '@smithy/core/retry';
import { printable } from '../policy/quote.ts';
import type { WhyNotJudged } from '../policy/target.ts';

/** Why something at a target could not be evaluated, and what AWS answered. */
export interface Explained {
  readonly why: WhyNotJudged;
  readonly detail: string;
}

/** AWS's names for "you may not": of the Query protocol, of EC2, of JSON protocols. */
const DENIED = [
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'AuthorizationError',
  'AuthorizationErrorException',
  'NotAuthorized',
];
/** As IAM writes it into the message (IAM User Guide, "Troubleshoot access denied error messages"). */
const BY_SERVICE_CONTROL_POLICY = /\bservice control policy\b/i;

/** What an error of the SDK, or one of ours with it as its cause, means for a target. Throttling is so after the SDK's retries. */
export function explainFailure(error: unknown): Explained {
  if (error instanceof FailureWithReason) return { why: error.why, detail: describe(error) };
  if (!(error instanceof Error)) return { why: 'error', detail: describe(error) };
  if (isThrottlingError(error as Parameters<typeof isThrottlingError>[0])) {
    return { why: 'throttled', detail: describe(error) };
  }
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return { why: 'no-time-left', detail: printable(error.message, LONGEST) };
  if (!DENIED.includes(error.name)) {
    const { why } = error.cause instanceof Error ? explainFailure(error.cause) : ({ why: 'error' } as const);
    return { why, detail: describe(error) };
  }
  const bySCP = BY_SERVICE_CONTROL_POLICY.test(error.message);
  return { why: bySCP ? 'denied-by-service-control-policy' : 'access-denied', detail: describe(error) };
}

/** An error that says itself what it means for a target. */
export class FailureWithReason extends Error {
  readonly why: WhyNotJudged;

  constructor(why: WhyNotJudged, message: string, options?: ErrorOptions) {
    super(message, options);
    this.why = why;
  }
}

/** Whether AWS refused a call because it may not be made, in its services' several words. */
export function isDenied(error: unknown): error is Error {
  return error instanceof Error && DENIED.includes(error.name);
}

const LONGEST = 300;

function describe(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error), LONGEST);
  return printable(error.name === 'Error' ? error.message : `${error.name}: ${error.message}`, LONGEST);
}
