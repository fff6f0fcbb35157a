import type { CompiledRule } from './compiled-rule.ts';
import type { Part } from './parts.ts';

/** One grant, asked of the allowlist rules of its kind at an instant: all that `decide` must know of a kind of grant. */
export interface Question<Rule extends CompiledRule> {
  /** Rules among which every one is that allows the grant. */
  candidates(): Iterable<Rule>;
  /** The rules worth naming if none allows: those that cover what is reached or who reaches it. Each once. */
  near(): Iterable<Rule>;
  /** Every rule of the kind. */
  all(): readonly Rule[];
  /** The parts of the grant that a rule can speak of, in the order in which reasons name them. */
  readonly parts: readonly Part[];
  /** Those of them that keep the rule from allowing the grant. */
  missedParts(rule: Rule): readonly Part[];
  /** Of two rules that miss as many parts, the one of which this is larger is named first. */
  nearness(rule: Rule): number;
  /** What a rule covers although it misses these parts: `this grant`, `the cache and CIDR`; empty if there is nothing to say. */
  describeCovered(misses: readonly Part[]): string;
  /** A part with its value: "owner id `999988887777`". With the rule that misses it, also what that has instead. */
  describePart(part: Part, rule?: Rule): string;
  /** What is missed if no rule is near. */
  missedByAll(): readonly Part[];
}
