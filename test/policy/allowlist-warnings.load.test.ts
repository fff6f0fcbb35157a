import { describe, expect, it } from 'vitest';
import { rule, warningsOf } from './classic/warnings-of.ts';

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
