import { findWarnings } from '../../../src/policy/allowlist-warnings.ts';
import type { ClassicAllowlistRule } from '../../../src/policy/classic/allowlist-rule.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
/** A rule without mistakes. */
export const RULE: ClassicAllowlistRule = {
  id: 'a',
  cacheSecurityGroups: ['sessions'],
  ec2SecurityGroups: ['web'],
  ownerIds: ['self'],
};
/** The same, but for these changes. */
export const rule = (changes: Partial<ClassicAllowlistRule>): ClassicAllowlistRule => ({ ...RULE, ...changes });

/** The warnings about these rules, as `path: message`. */
export function warningsOf(...rules: readonly ClassicAllowlistRule[]): string[] {
  return findWarnings({ version: 1, rules }, NOW).map(({ path, message }) => `${path.join('.')}: ${message}`);
}
