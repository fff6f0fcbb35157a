import type { BusEvent } from '../../../src/local/cloudtrail-record.ts';
import { isToBeRevoked, type KnownRule, type RevokedRule } from './rules-witness.ts';
import type { Run } from './run.ts';
import { keyOf } from './witness.ts';

/** What must not be. */
export const BREACHES = [
  'a disallowed grant stands',
  'Ingress Guard revoked an allowed grant',
  'an event has neither an outcome nor a dead letter',
  'a revocation is in no decision line',
  'a function revoked what its event does not name',
  'an audit revoked more than its limit',
] as const;

export interface Breach {
  readonly what: (typeof BREACHES)[number];
  /** The grant that it happened to, as `keyOf` names it, or the id of a security group's rule. */
  readonly grant: string;
}

/**
 * What must not be, and is. Whether a grant is allowed follows from how it was planned, not from the code that judges;
 * what stands and who revoked what says the endpoint; what came of an event, Lambda and its dead-letter queue.
 */
export function findBreaches({
  plan,
  witness,
  ruleWitness,
  standingRules,
  cacheSecurityGroups,
  deadLetters,
}: Run): Breach[] {
  const allowed = new Map(plan.grants.map((planned) => [keyOf(planned.grant), planned.allowed]));
  const standing = cacheSecurityGroups.flatMap(({ CacheSecurityGroupName, EC2SecurityGroups }) =>
    EC2SecurityGroups.map((ec2) => keyOf({ CacheSecurityGroupName, ...ec2 })),
  );
  const revokedByGuard = witness.changes
    .filter(({ by, action }) => by === 'guard' && action === 'RevokeCacheSecurityGroupIngress')
    .map(({ about }) => about);
  const dead = Map.groupBy(deadLetters, ({ event }) => (event as BusEvent).id);
  const lost = [...witness.events].filter(
    // What was redriven was a dead letter once, and was delivered again for it.
    ([id, { delivered, outcomes, redriven }]) => delivered !== outcomes + redriven + (dead.get(id)?.length ?? 0),
  );
  const breach = (what: Breach['what'], grants: Iterable<string>): Breach[] =>
    [...new Set(grants)].map((grant) => ({ what, grant }));
  return [
    ...breach(BREACHES[0], [
      ...standing.filter((grant) => allowed.get(grant) !== true),
      ...standingRules.filter(isToBeRevoked).map(ruleIdOf),
    ]),
    ...breach(BREACHES[1], [
      ...revokedByGuard.filter((grant) => allowed.get(grant) !== false),
      ...ruleWitness.revokedByGuard.filter(isWrong).map(({ rule }) => ruleIdOf(rule)),
    ]),
    ...breach(
      BREACHES[2],
      lost.map(([, { grant }]) => grant),
    ),
    ...breach(BREACHES[3], witness.revokedUnreported()),
    ...breach(BREACHES[4], witness.revokedUnnamed()),
    ...breach(BREACHES[5], witness.revokedOverLimit()),
  ];
}

const ruleIdOf = ({ securityGroupRuleId }: KnownRule): string => securityGroupRuleId;

/** Between our last look at a rule and its revocation, with slow answers and the SDK's tries, a person can have edited it. */
const MOST_LOOKED_MS_BEFORE = 10_000;

/**
 * For how long an allowlist of before may be acted on, on a busy machine: a file is looked at again after a second, right before a
 * revocation.
 */
const MOST_ALLOWED_FOR_MS = 3_000;

/** Whether a rule should not have been revoked: what EC2 had shown us of it was no reason, or others need it. */
function isWrong({ rule, lookedMsBefore, allowedForMs }: RevokedRule): boolean {
  if (isToBeRevoked(rule)) return false;
  if (allowedForMs !== undefined) return allowedForMs > MOST_ALLOWED_FOR_MS;
  return lookedMsBefore === undefined || lookedMsBefore > MOST_LOOKED_MS_BEFORE;
}

/** A breach, and line by line what happened to its grant, from its first line to the end of the run. */
export interface Story {
  readonly breach: Breach;
  readonly lines: readonly string[];
}

/** The story of that breach which has the fewest lines; `undefined` if there is no breach. */
export function shortestStory({ witness }: Run, breaches: readonly Breach[]): Story | undefined {
  const linesAbout = Map.groupBy(witness.lines, ({ about }) => about);
  const length = ({ grant }: Breach): number => linesAbout.get(grant)?.length ?? 0;
  const [breach] = breaches.toSorted((a, b) => length(a) - length(b));
  if (breach === undefined) return undefined;
  const { grant } = breach;
  const [cacheSecurityGroup] = grant.split(' ');
  const story = witness.lines
    .slice(witness.lines.findIndex(({ about }) => about === grant))
    .filter(({ about }) => about === undefined || about === grant || about === cacheSecurityGroup);
  return { breach, lines: story.map(({ atMs, text }) => `${(atMs / 1000).toFixed(3).padStart(8)} s  ${text}`) };
}
