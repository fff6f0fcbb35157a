import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClassicAllowlistRule } from '../../../src/policy/classic/allowlist-rule.ts';
import type { ClassicGrant } from '../../../src/policy/classic/grant.ts';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import { decide } from '../../../src/policy/decide.ts';
import { times } from '../../support/tools/fuzz.ts';
import { arbitraryGrant, arbitraryInstant, arbitraryRules } from './arbitraries.ts';
import { judgePlainly } from './reference-judge.ts';

const judge = (grant: ClassicGrant, rules: readonly ClassicAllowlistRule[], instant: Date) =>
  decide(grant, new CompiledAllowlist({ version: 1, rules }), instant);

const SOME = times(2_000);

describe('the judge, for any grant, rules and instant,', () => {
  it('agrees with asking every rule in turn', () => {
    fc.assert(
      fc.property(arbitraryGrant, arbitraryRules, arbitraryInstant, (grant, rules, instant) => {
        const decision = judge(grant, rules, instant);
        const expected = judgePlainly(grant, rules, instant);
        if (decision.effect === 'allow') expect(decision).toEqual(expected);
        else {
          const named = decision.reasons.filter(({ rule }) => rule !== undefined);
          expect({ effect: 'deny', reasons: named.map(({ rule, misses }) => ({ rule, misses })) }).toEqual(expected);
        }
      }),
      SOME,
    );
  });

  it('meets allowed grants and denied ones, near and far, so that the agreement says something', () => {
    const seen = fc
      .sample(fc.tuple(arbitraryGrant, arbitraryRules, arbitraryInstant), { numRuns: 2_000, seed: 1 })
      .map(([grant, rules, instant]) => {
        const decision = judge(grant, rules, instant);
        return decision.effect === 'allow' ? 'allow' : decision.reasons[0]?.rule === undefined ? 'far' : 'near';
      });
    const count = (kind: string) => seen.filter((one) => one === kind).length;

    expect(count('allow')).toBeGreaterThan(50);
    expect(count('near')).toBeGreaterThan(50);
    expect(count('far')).toBeGreaterThan(50);
  });

  it('never turns allow into deny when a rule is added', () => {
    fc.assert(
      fc.property(arbitraryGrant, arbitraryRules, arbitraryInstant, (grant, rules, instant) => {
        for (let i = 1; i <= rules.length; i++) {
          if (judge(grant, rules.slice(0, i - 1), instant).effect === 'allow') {
            expect(judge(grant, rules.slice(0, i), instant).effect).toBe('allow');
          }
        }
      }),
      SOME,
    );
  });

  it('comes to the same decision, reasons and all, in whatever order the rules and their lists stand', () => {
    const shuffled = arbitraryRules.chain((rules) =>
      fc.tuple(fc.constant(rules), fc.shuffledSubarray(rules, { minLength: rules.length }), fc.boolean()),
    );
    fc.assert(
      fc.property(arbitraryGrant, shuffled, arbitraryInstant, (grant, [rules, reordered, reverseLists], instant) => {
        const lists = (rule: ClassicAllowlistRule): ClassicAllowlistRule => ({
          ...rule,
          cacheSecurityGroups: rule.cacheSecurityGroups.toReversed(),
          ec2SecurityGroups: rule.ec2SecurityGroups.toReversed(),
          ownerIds: rule.ownerIds.toReversed(),
        });
        const others = reverseLists ? reordered.map(lists) : reordered;
        expect(judge(grant, others, instant)).toEqual(judge(grant, rules, instant));
      }),
      SOME,
    );
  });

  it('comes to the same decision again and again, and leaves what it was given as it was', () => {
    fc.assert(
      fc.property(arbitraryGrant, arbitraryRules, arbitraryInstant, (grant, rules, instant) => {
        const before = structuredClone({ grant, rules, instant });
        const allowlist = new CompiledAllowlist({ version: 1, rules });
        const first = decide(grant, allowlist, instant);
        expect(decide(grant, allowlist, instant)).toEqual(first);
        expect({ grant, rules, instant }).toEqual(before);
      }),
    );
  });

  it('names in a deny only rules there are, each once, at most three, and never without a reason', () => {
    fc.assert(
      fc.property(arbitraryGrant, arbitraryRules, arbitraryInstant, (grant, rules, instant) => {
        const decision = judge(grant, rules, instant);
        if (decision.effect === 'allow') return;
        const ids = decision.reasons.flatMap(({ rule }) => rule ?? []);
        expect(decision.reasons.length).toBeGreaterThanOrEqual(1);
        expect(decision.reasons.length).toBeLessThanOrEqual(3);
        expect(new Set(ids).size).toBe(ids.length);
        expect(rules.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
        for (const { misses } of decision.reasons) expect(misses).not.toEqual([]);
      }),
      SOME,
    );
  });
});
