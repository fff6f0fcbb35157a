/**
 * What became of a grant. One list for logs, metrics, reports and return values.
 *
 * - `allowed`: a rule allows it
 * - `revoked`: RevokeCacheSecurityGroupIngress was accepted
 * - `already-gone`: it did not stand any more, or was being revoked already
 * - `would-revoke`: denied, in report-only mode
 * - `held`: denied, and the audit's limit on revocations holds it back
 * - `not-applicable`: the account has no EC2-Classic, so cache security groups guard nothing there
 * - `ignored`: not a successful AuthorizeCacheSecurityGroupIngress
 * - `rejected`: such an event, but malformed, contradicting itself, or for an account that this stack does not guard
 * - `failed`: anything else that kept a denied grant standing
 */
export const OUTCOMES = [
  'allowed',
  'revoked',
  'already-gone',
  'would-revoke',
  'held',
  'not-applicable',
  'ignored',
  'rejected',
  'failed',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** The reason of the outcome `ignored` for a heartbeat. */
export const HEARTBEAT = 'heartbeat';

/**
 * The version of the shape in which one grant's outcome is returned and logged. Readers may rely on all they know of a version
 * with the same first number.
 */
export const OUTCOME_SCHEMA_VERSION = '1.2';
