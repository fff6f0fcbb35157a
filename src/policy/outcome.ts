/**
 * What happened to a grant. One list for logs, metrics, reports and return values.
 *
 * - `allowed`: a rule allows it
 * - `revoked`: Revoke was accepted
 * - `already-gone`: it did not stand any more, or was being revoked already
 * - `would-revoke`: denied, in report-only mode
 * - `held`: denied and left standing, and people are notified; `HELD_BECAUSE` has the causes
 * - `pending`: a cache that is being created has no port yet; the event is handled again within minutes
 * - `not-applicable`: the account has no EC2-Classic, so cache security groups guard nothing there
 * - `ignored`: no successful call that allows access to a cache
 * - `rejected`: such an event, but malformed, contradicting itself, or for an account that this stack does not guard
 * - `failed`: anything else that kept a denied grant standing
 */
export const OUTCOMES = [
  'allowed',
  'revoked',
  'already-gone',
  'would-revoke',
  'held',
  'pending',
  'not-applicable',
  'ignored',
  'rejected',
  'failed',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/**
 * Why a denied grant is `held`.
 *
 * - `limit`: more revocations were due than may be made at once
 * - `shared`: its security group rule opens more than cache ports, and its security group guards more than caches
 * - `mixed`: its security group rule stands, and also makes a grant that the allowlist allows
 * - `gone-name`: its security group rule stands, and an allowlist rule would allow it for a cache that no longer exists
 * - `public`: it is the public endpoint of a cache, which no call takes away
 */
export const HELD_BECAUSE = ['limit', 'shared', 'mixed', 'gone-name', 'public'] as const;
export type HeldBecause = (typeof HELD_BECAUSE)[number];

/** The reason of the outcome `ignored` for a heartbeat. */
export const HEARTBEAT = 'heartbeat';
/** The same for one that is a real call, which CloudTrail recorded. */
export const CLOUDTRAIL_HEARTBEAT = 'heartbeat through CloudTrail';

/**
 * The version of the shape in which one grant's outcome is returned and logged. Readers may rely on all they know of a version
 * with the same first number.
 */
export const OUTCOME_SCHEMA_VERSION = '1.4';
