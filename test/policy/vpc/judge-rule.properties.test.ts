import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import type { VpcAllowlistRule } from '../../../src/policy/vpc/allowlist-rule.ts';
import { judgeRule } from '../../../src/policy/vpc/judge-rule.ts';
import type { GuardedCache, SecurityGroupRule } from '../../../src/policy/vpc/security-group-rule.ts';
import { times } from '../../support/tools/fuzz.ts';
import { arbitraryCaches, arbitrarySecurityGroupRule, arbitraryVpcRules } from './arbitraries.ts';
import { judgeVpcGrantPlainly } from './reference-judge.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const SOME = times(500);

const judge = (rule: SecurityGroupRule, caches: readonly GuardedCache[], rules: readonly VpcAllowlistRule[]) =>
  judgeRule(rule, caches, new CompiledAllowlist({ version: 1, rules }), NOW);

/** Whether a rule opens a port, told as plainly as can be. */
function opens({ ipProtocol, fromPort = -1, toPort = -1 }: SecurityGroupRule, port: number): boolean {
  if (ipProtocol === '-1') return true;
  if (ipProtocol.toLowerCase() !== 'tcp' && ipProtocol !== '6') return false;
  return fromPort === -1 || toPort === -1 || (fromPort <= port && port <= toPort);
}

const input = [arbitrarySecurityGroupRule, arbitraryCaches, arbitraryVpcRules] as const;

describe('the judgement of a rule, for any rule, caches and allowlist,', () => {
  it('has a grant for each cache that listens on a port the rule opens, with these ports and no others', () => {
    fc.assert(
      fc.property(...input, (rule, caches, rules) => {
        const { grants } = judge(rule, caches, rules);

        const reached = caches
          .map(({ cacheName, ports }) => ({ cacheName, ports: ports.filter((port) => opens(rule, port)) }))
          .filter(({ ports }) => ports.length > 0);
        expect(grants.map(({ grant }) => ({ cacheName: grant.target.cacheName, ports: grant.target.ports }))).toEqual(
          reached,
        );
        for (const { grant } of grants) expect(grant.source).toEqual(rule.source);
      }),
      SOME,
    );
  });

  it('decides each grant as asking every rule of the allowlist in turn, and is a denial if and only if one is denied', () => {
    fc.assert(
      fc.property(...input, (rule, caches, rules) => {
        const { grants, isDenied } = judge(rule, caches, rules);

        const expected = grants.map(({ grant }) => judgeVpcGrantPlainly(grant, rules, NOW));
        expect(grants.map(({ decision }) => decision)).toMatchObject(expected);
        expect(isDenied).toBe(expected.some(({ effect }) => effect === 'deny'));
      }),
      SOME,
    );
  });

  it('says what it takes to make the rule again if and only if it is denied, and remarks on one that opens more than caches', () => {
    fc.assert(
      fc.property(...input, (rule, caches, rules) => {
        const { grants, isDenied, opensCachePortsOnly } = judge(rule, caches, rules);

        const { account, region, securityGroupId, securityGroupRuleId, source, ...text } = rule;
        for (const { securityGroupRule, remark } of grants) {
          expect(securityGroupRule).toEqual(isDenied ? text : undefined);
          expect(remark === undefined).toBe(opensCachePortsOnly);
        }
      }),
      SOME,
    );
  });

  it('keeps every grant and every denial when there is one more cache', () => {
    const oneMore = arbitraryCaches.chain((caches) => fc.tuple(fc.constant(caches), fc.nat(caches.length)));
    fc.assert(
      fc.property(input[0], oneMore, input[2], (rule, [caches, without], rules) => {
        const all = judge(rule, caches, rules);
        const fewer = judge(
          rule,
          caches.filter((_, i) => i !== without),
          rules,
        );

        const toDecisions = ({ grants }: typeof all) => grants.map(({ grant, decision }) => ({ grant, decision }));
        expect(toDecisions(all)).toEqual(expect.arrayContaining(toDecisions(fewer)));
        if (fewer.isDenied) expect(all.isDenied).toBe(true);
      }),
      SOME,
    );
  });

  it('never becomes a denial because the allowlist has one more rule', () => {
    fc.assert(
      fc.property(...input, (rule, caches, rules) => {
        if (!judge(rule, caches, rules.slice(1)).isDenied) expect(judge(rule, caches, rules).isDenied).toBe(false);
      }),
      SOME,
    );
  });

  it('is the same whatever the description is, which is told and nothing else', () => {
    fc.assert(
      fc.property(...input, fc.constantFrom(undefined, '*', 'allow me'), (rule, caches, rules, text) => {
        const { description: _, ...bare } = rule;
        const described = judge({ ...bare, ...(text !== undefined && { description: text }) }, caches, rules);
        const plain = judge(bare, caches, rules);

        const grants = described.grants.map(({ securityGroupRule, ...rest }) => {
          if (securityGroupRule === undefined) return rest;
          const { description, ...others } = securityGroupRule;
          expect(description).toBe(text);
          return { ...rest, securityGroupRule: others };
        });
        expect({ ...described, rule: bare, grants }).toEqual(plain);
      }),
      SOME,
    );
  });

  it('comes out the same again, and leaves what it was given as it was', () => {
    fc.assert(
      fc.property(...input, (rule, caches, rules) => {
        const before = structuredClone({ rule, caches, rules });
        const first = judge(rule, caches, rules);

        expect(judge(rule, caches, rules)).toEqual(first);
        expect({ rule, caches, rules }).toEqual(before);
      }),
      SOME,
    );
  });
});

describe('the rules that these are tried with', () => {
  it('are allowed, denied because of all or some of their grants, and without any, each often enough', () => {
    const seen = fc.sample(fc.tuple(...input), { numRuns: 2_000, seed: 1 }).map(([rule, caches, rules]) => {
      const { grants, isDenied } = judge(rule, caches, rules);
      if (grants.length === 0) return 'without a grant';
      if (!isDenied) return 'allowed';
      return grants.some(({ decision }) => decision.effect === 'allow') ? 'denied in part' : 'denied';
    });
    const count = (kind: string) => seen.filter((one) => one === kind).length;

    for (const kind of ['without a grant', 'allowed', 'denied', 'denied in part']) {
      expect(count(kind), kind).toBeGreaterThan(50);
    }
  });
});
