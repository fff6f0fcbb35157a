import type { FaultRates } from '../../src/local/faults.ts';

/** A bug that the simulation finds. */
export interface Planted {
  /** A folder of `bugs/`. */
  readonly bug: string;
  /** How many grants the run has; 120 if not given. A scene that every run has needs few. */
  readonly grants?: number;
  readonly breach: string;
  /** What else can come of it, depending on when the machine gets to what. */
  readonly also?: readonly string[];
  /** What a story of the breach tells. Which of them is the shortest depends on when the machine gets to what. */
  readonly story: readonly RegExp[];
  /** The call of a person that this story is about, if it was made during the run. */
  readonly call?: string;
  /** The faults that bring it to light, more often than usual, so that a small run has them for sure. */
  readonly rates?: Partial<FaultRates>;
}

export const PLANTED: readonly Planted[] = [
  {
    bug: 'throttle-as-done',
    breach: 'a disallowed grant stands',
    call: 'AuthorizeCacheSecurityGroupIngress',
    story: [/fault throttle: Revoke/, /-> already-gone/],
    rates: { throttle: 0.25, dropEvent: 0.5 },
  },
  {
    bug: 'unreadable-as-empty',
    breach: 'Ingress Guard revoked an allowed grant',
    // Which kind of grants it meets depends on when the allowlist's source is out of order.
    call: 'Authorize(Cache)?SecurityGroupIngress',
    story: [/guard: Revoke(Cache)?SecurityGroupIngress -> done/],
  },
  {
    bug: 'first-page-only',
    breach: 'a disallowed grant stands',
    call: 'AuthorizeCacheSecurityGroupIngress',
    story: [/fault dropEvent: Authorize/, /an audit begins/],
    rates: { dropEvent: 0.3 },
  },
  {
    bug: 'swallowed-error',
    breach: 'an event has neither an outcome nor a dead letter',
    call: 'AuthorizeCacheSecurityGroupIngress',
    story: [/its event is delivered/, /-> no outcome/],
    rates: { timeOut: 0.3 },
  },
  {
    bug: 'names-by-prefix',
    breach: 'a disallowed grant stands',
    call: 'AuthorizeCacheSecurityGroupIngress',
    story: [/an audit begins/],
  },
  {
    bug: 'overlap-as-inside',
    breach: 'a disallowed grant stands',
    call: 'AuthorizeSecurityGroupIngress',
    story: [/its event is delivered/, /-> allowed, allow by rule vpc-to-redis/],
  },
  {
    bug: 'standing-as-new',
    breach: 'Ingress Guard revoked an allowed grant',
    story: [/guard: RevokeSecurityGroupIngress -> done/],
  },
  {
    bug: 'one-name-of-a-cache',
    breach: 'Ingress Guard revoked an allowed grant',
    story: [/guard: RevokeSecurityGroupIngress -> done/],
  },
  {
    bug: 'none-listed-as-none',
    breach: 'a disallowed grant stands',
    call: 'AuthorizeSecurityGroupIngress',
    story: [/its event is delivered/, /-> ignored/],
  },
  {
    bug: 'first-entry-only',
    breach: 'a disallowed grant stands',
    // Its rule is older than the run, and nobody says a word of it.
    story: [],
  },
  {
    bug: 'no-end-of-time',
    breach: 'a function revoked what its event does not name',
    // What is frozen and never thawed.
    also: ['a revocation is in no decision line'],
    call: 'AuthorizeSecurityGroupIngress',
    story: [/guard: RevokeSecurityGroupIngress -> done/],
  },
  {
    bug: 'same-source-too',
    grants: 12,
    breach: 'a function revoked what its event does not name',
    call: 'AuthorizeSecurityGroupIngress',
    story: [/fault dropEvent|guard: RevokeSecurityGroupIngress -> done/],
  },
  {
    bug: 'edited-port-unseen',
    grants: 12,
    breach: 'Ingress Guard revoked an allowed grant',
    call: 'AuthorizeSecurityGroupIngress',
    story: [/people: ModifySecurityGroupRules -> done.*guard: RevokeSecurityGroupIngress -> done/s],
  },
  {
    bug: 'owner-left-out-is-anyone',
    grants: 12,
    breach: 'a disallowed grant stands',
    call: 'AuthorizeSecurityGroupIngress',
    story: [],
  },
  {
    bug: 'whole-bytes-of-a-range',
    grants: 12,
    breach: 'a disallowed grant stands',
    call: 'AuthorizeSecurityGroupIngress',
    story: [],
  },
  {
    bug: 'limit-by-region',
    grants: 12,
    breach: 'an audit revoked more than its limit',
    call: 'AuthorizeSecurityGroupIngress',
    story: [/an audit begins|the audit -> revoked/],
  },
  {
    bug: 'lines-at-the-end',
    breach: 'a revocation is in no decision line',
    call: 'AuthorizeSecurityGroupIngress',
    story: [/guard: RevokeSecurityGroupIngress -> done/],
  },
  {
    bug: 'allowlist-read-once',
    breach: 'Ingress Guard revoked an allowed grant',
    call: 'AuthorizeSecurityGroupIngress',
    story: [/reach swap-1 from now on.*guard: RevokeSecurityGroupIngress -> done/s],
  },
];

/** A bug, and a test that finds it: in seconds, where a run takes minutes. */
export interface FoundByTest {
  readonly bug: string;
  readonly file: string;
  readonly title: string;
}

export const FOUND_BY_TESTS: readonly FoundByTest[] = [
  {
    bug: 'unknown-owner-denied',
    file: 'test/enforcement/enforce-security-group-event.test.ts',
    title: 'fails for a group whose owner is not known, if a rule could allow it: EC2 may not list it yet',
  },
  {
    bug: 'awaited-forgotten',
    file: 'test/aws/elasticache/list-caches.test.ts',
    title: 'listen on nothing while they are created, and on their ports from then on',
  },
  {
    bug: 'owner-left-out-is-no-one',
    file: 'test/policy/vpc/decide.test.ts',
    title: 'is allowed by its id if the account itself owns it and no owner is said',
  },
  {
    bug: 'neighbour-as-inside',
    file: 'test/policy/vpc/cidr.test.ts',
    title: 'exactly if the bits that the wider one fixes are those of the narrower one',
  },
  {
    bug: 'twice-as-large-as-inside',
    file: 'test/policy/vpc/decide.test.ts',
    title: 'is denied if it only overlaps, and the nearest entry is named',
  },
  {
    bug: 'limit-by-kind',
    file: 'test/enforcement/plan.test.ts',
    title: 'counts both kinds and every place together',
  },
  {
    bug: 'index-of-any-region',
    file: 'test/enforcement/cache-index.test.ts',
    title: 'keeps each region and each account for itself',
  },
];
