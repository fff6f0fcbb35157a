import { Document } from 'yaml';
import type { Grant } from '../policy/grant.ts';
import { learnAllowlist, whyNoneAllows } from '../policy/learn-allowlist.ts';

/** For how long a rule that is proposed allows: enough to find out, not enough to forget. */
const PROPOSED_DAYS = 7;

/** What to add to the rules of an allowlist. */
export interface Proposal {
  /** As YAML, without a line break at the end; empty if no rule can allow any of the grants. */
  readonly rules: string;
  /** Why no rule can allow some of them. Each reason once. */
  readonly never: readonly string[];
}

/** Proposes rules that allow grants which were revoked, for a week. */
export function proposeRules(denied: readonly Grant[]): Proposal {
  const expires = new Date(Date.now() + PROPOSED_DAYS * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  const never = [...new Set(denied.flatMap((grant) => whyNoneAllows(grant) ?? []))];
  const { rules } = learnAllowlist(denied, { wildcards: false });
  if (rules.length === 0) return { rules: '', never };
  const proposed = new Document(
    rules.map((rule) => ({ ...rule, id: `undo-${rule.id}`, expires, reason: 'restored by undo' })),
  );
  return { rules: proposed.toString({ lineWidth: 120 }).trimEnd(), never };
}
