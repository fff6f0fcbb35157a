import type { CompiledAllowlist } from '../compile-allowlist.ts';
import { decide, dependsOnEntries } from '../decide.ts';
import type { Decision } from '../decision.ts';
import type { VpcGrant } from './grant.ts';
import type { RuleText } from './rule-text.ts';
import { ruleText } from './rule-text.ts';
import { type GuardedCache, grantsOf, remarkOn, type SecurityGroupRule } from './security-group-rule.ts';
import { whyUnknown } from './unknown.ts';

/** A rule of a security group, and what the policy says of each grant that it makes. */
export interface JudgedRule {
  readonly rule: SecurityGroupRule;
  /** None if it opens no port that a cache listens on. */
  readonly grants: readonly JudgedGrant[];
  /** Whether any of the grants is denied: then the rule is, because a grant cannot be taken away without its rule. */
  readonly isDenied: boolean;
  /** Why that is not sure, and so must not be acted on: see `whyUnknown`. */
  readonly unknown?: string;
  /** Whether any of the decisions depends on entries of the rule's prefix list that are not known. */
  readonly dependsOnEntries: boolean;
  /** Whether it opens nothing but ports that the caches behind its security group listen on. */
  readonly opensCachePortsOnly: boolean;
}

/** One grant of a rule. */
export interface JudgedGrant {
  readonly grant: VpcGrant;
  readonly decision: Decision;
  readonly remark?: string;
  /** Of a grant of a denied rule: what it takes to make the rule again. */
  readonly securityGroupRule?: RuleText;
}

/** Judges every grant that a rule makes: a pure function of rule, caches, allowlist and instant. */
export function judgeRule(
  rule: SecurityGroupRule,
  caches: readonly GuardedCache[],
  allowlist: CompiledAllowlist,
  instant: Date,
): JudgedRule {
  const judged = grantsOf(rule, caches).map((grant) => ({ grant, decision: decide(grant, allowlist, instant) }));
  const isDenied = judged.some(({ decision }) => decision.effect === 'deny');
  const unknown = firstOf(judged, ({ grant, decision }) =>
    decision.effect === 'deny' ? whyUnknown(grant, allowlist, instant) : undefined,
  );
  const remark = remarkOn(rule, caches);
  const beside = {
    ...(remark !== undefined && { remark }),
    ...(isDenied && { securityGroupRule: ruleText(rule) }),
  };
  return {
    rule,
    grants: judged.map((one) => ({ ...one, ...beside })),
    isDenied,
    ...(unknown !== undefined && { unknown }),
    dependsOnEntries: isDenied && judged.some(({ grant }) => dependsOnEntries(grant, allowlist, instant)),
    opensCachePortsOnly: remark === undefined,
  };
}

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
