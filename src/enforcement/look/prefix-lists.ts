import type { SecurityGroupRule } from '../../policy/vpc/security-group-rule.ts';
import { describeError } from '../describe-error.ts';
import type { VpcPorts } from '../ports.ts';
import type { RevocableRule } from './revocable.ts';

/** Judges rules of prefix lists by the entries of the lists. */
export interface EntriesLook {
  /** A rule, judged with the entries of its prefix list if the decision depends on them. Never throws. */
  see(rule: SecurityGroupRule, judge: (rule: SecurityGroupRule) => RevocableRule): Promise<RevocableRule>;
}

/**
 * Reads the entries of a prefix list only where a decision depends on them, and once for each list. What cannot be read is said
 * with the rule: it is `unknown`.
 */
export function entriesLook(ports: Pick<VpcPorts, 'readPrefixList'>): EntriesLook {
  const asked = new Map<string, ReturnType<VpcPorts['readPrefixList']>>();
  const ask = (prefixListId: string) => {
    const known = asked.get(prefixListId) ?? ports.readPrefixList(prefixListId);
    asked.set(prefixListId, known);
    return known;
  };
  return {
    async see(rule, judge) {
      const seen = judge(rule);
      const { source } = rule;
      // Nothing else of a prefix list can be unknown.
      if (source.kind !== 'prefixList' || seen.unknown === undefined) return seen;
      const { prefixListId } = source;
      try {
        const content = await ask(prefixListId);
        if (!content.isChanging) return judge({ ...rule, source: { ...source, entries: content.entries } });
        const problem = `prefix list ${prefixListId} is being changed: its entries are not known yet`;
        return { ...seen, unknown: { problem, isChanging: true } };
      } catch (error) {
        const problem = `the entries of prefix list ${prefixListId} cannot be read: ${describeError(error)}`;
        return { ...seen, unknown: { problem, isChanging: false } };
      }
    },
  };
}
