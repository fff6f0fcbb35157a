import { describe, expect, it } from 'vitest';
import { findWarnings } from '../../src/policy/allowlist-warnings.ts';
import type { ClassicAllowlistRule } from '../../src/policy/classic/allowlist-rule.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const RULE: ClassicAllowlistRule = {
  id: 'a',
  cacheSecurityGroups: ['sessions'],
  ec2SecurityGroups: ['web'],
  ownerIds: ['self'],
};
const rule = (changes: Partial<ClassicAllowlistRule>): ClassicAllowlistRule => ({ ...RULE, ...changes });

/** The warnings about these rules, as `path: message`. */
function warningsOf(...rules: readonly ClassicAllowlistRule[]): string[] {
  return findWarnings({ version: 1, rules }, NOW).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the warnings of a large allowlist', () => {
  it('are found without comparing each rule with each', () => {
    const rules = Array.from({ length: 20_000 }, (_, i) =>
      rule({ id: `r${i}`, cacheSecurityGroups: [`sessions-${i >> 1}`] }),
    );

    expect(warningsOf(...rules)).toHaveLength(10_000);
  });

  it.each([
    ['short patterns', (i: number) => `sessions-${i}-*`, 10_000],
    ['patterns with hundreds of stars', (i: number) => `${'*a'.repeat(250)}${i}`, 1_000],
  ])('are found without comparing each pattern with each: %s', (_, pattern, length) => {
    const rules = Array.from({ length }, (_, i) =>
      rule({ id: `r${i}`, cacheSecurityGroups: [pattern(i)], ec2SecurityGroups: [pattern(i)] }),
    );

    expect(warningsOf(...rules)).toEqual([]);
  });

  it('are found where each rule nearly hides each', () => {
    const rules = Array.from({ length: 400 }, (_, i) =>
      rule({
        id: `r${i}`,
        cacheSecurityGroups: ['*a'.repeat(150 + (i % 100))],
        ec2SecurityGroups: [`${'*a'.repeat(250)}${i}`],
      }),
    );

    expect(warningsOf(...rules)).toEqual([]);
  });
});
