import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountPaths } from '../../../src/policy/account-paths.ts';
import type { ClassicAllowlistRule } from '../../../src/policy/classic/allowlist-rule.ts';
import type { ClassicGrant } from '../../../src/policy/classic/grant.ts';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import { decide } from '../../../src/policy/decide.ts';
import { times } from '../../support/tools/fuzz.ts';
import { arbitraryAccountPaths, arbitraryGrant, arbitraryInstant, arbitraryRules } from './arbitraries.ts';
import { judgePlainly } from './reference-judge.ts';

const judge = (
  grant: ClassicGrant,
  rules: readonly ClassicAllowlistRule[],
  instant: Date,
  paths: AccountPaths = new Map(),
) => decide(grant, new CompiledAllowlist({ version: 1, rules }).withAccountPaths(paths), instant);

const SOME = times(2_000);
const input = [arbitraryGrant, arbitraryRules, arbitraryInstant, arbitraryAccountPaths] as const;

describe('the judge, for any grant, rules and instant,', () => {
  it('agrees with asking every rule in turn', () => {
    fc.assert(
      fc.property(...input, (grant, rules, instant, paths) => {
        const decision = judge(grant, rules, instant, paths);
        const expected = judgePlainly(grant, rules, instant, paths);
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
    const seen = fc.sample(fc.tuple(...input), { numRuns: 2_000, seed: 1 }).map(([grant, rules, instant, paths]) => {
      const decision = judge(grant, rules, instant, paths);
      return decision.effect === 'allow' ? 'allow' : decision.reasons[0]?.rule === undefined ? 'far' : 'near';
    });
    const count = (kind: string) => seen.filter((one) => one === kind).length;

    expect(count('allow')).toBeGreaterThan(50);
    expect(count('near')).toBeGreaterThan(50);
    expect(count('far')).toBeGreaterThan(50);
  });

  it('never turns allow into deny when a rule is added', () => {
    fc.assert(
      fc.property(...input, (grant, rules, instant, paths) => {
        for (let i = 1; i <= rules.length; i++) {
          if (judge(grant, rules.slice(0, i - 1), instant, paths).effect === 'allow') {
            expect(judge(grant, rules.slice(0, i), instant, paths).effect).toBe('allow');
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
      fc.property(arbitraryGrant, shuffled, arbitraryInstant, arbitraryAccountPaths, (grant, order, instant, paths) => {
        const [rules, reordered, reverseLists] = order;
        const lists = (rule: ClassicAllowlistRule): ClassicAllowlistRule => ({
          ...rule,
          cacheSecurityGroups: rule.cacheSecurityGroups.toReversed(),
          ec2SecurityGroups: rule.ec2SecurityGroups.toReversed(),
          ownerIds: rule.ownerIds.toReversed(),
          organizationalUnits: rule.organizationalUnits?.toReversed(),
        });
        const others = reverseLists ? reordered.map(lists) : reordered;
        expect(judge(grant, others, instant, paths)).toEqual(judge(grant, rules, instant, paths));
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
