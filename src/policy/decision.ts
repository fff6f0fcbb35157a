import type { Part } from './parts.ts';

/** What the policy says of a grant. */
export type Decision =
  | { readonly effect: 'allow'; readonly rule: string }
  | { readonly effect: 'deny'; readonly reasons: readonly Reason[] };

/** Why a grant is denied: one allowlist rule that comes near it, or, without `rule`, that none does. */
export interface Reason {
  readonly rule?: string;
  /** The parts of the grant that the rule covers, and those that keep it from allowing. */
  readonly covers: readonly Part[];
  readonly misses: readonly Part[];
  /** The same as a sentence. */
  readonly text: string;
}
