import type { Advice, PlaceId, Verdict } from './messages.ts';

/** What stands at several places, as the allowlist has it. */
export interface Evaluation {
  /** By `ruleKey`, `publicKey` and `classicKey`. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** What could not be evaluated, and why: by `placeKeyOf`. */
  readonly problems: ReadonlyMap<string, readonly string[]>;
}

/**
 * Evaluates what stands by the same code as Ingress Guard's functions. Nothing of the local AWS imports that code, so that it can
 * test it: who starts the console hands it in.
 */
export interface Evaluator {
  /** Evaluates every grant at these places. Never throws: what could not be evaluated is among the problems. */
  evaluate(places: readonly PlaceId[]): Promise<Evaluation>;
  /**
   * Says whether what a decision line says was revoked could stand now.
   *
   * @throws if the line cannot be read, or the allowlist cannot.
   */
  advise(decision: unknown): Promise<Advice>;
}

export function placeKeyOf({ account, region }: PlaceId): string {
  return `${account} ${region}`;
}

export function ruleKey(place: PlaceId, securityGroupRuleId: string): string {
  return `${placeKeyOf(place)} ${securityGroupRuleId}`;
}

/** Of the public endpoint of a cache. */
export function publicKey(place: PlaceId, cacheName: string): string {
  return `${placeKeyOf(place)} public ${cacheName}`;
}

/** Of a grant of a cache security group. No name holds a line break. */
export function classicKey(
  place: PlaceId,
  cacheSecurityGroupName: string,
  ec2SecurityGroupOwnerId: string,
  ec2SecurityGroupName: string,
): string {
  return [placeKeyOf(place), cacheSecurityGroupName, ec2SecurityGroupOwnerId, ec2SecurityGroupName].join('\n');
}
