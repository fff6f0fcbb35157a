import { describe, expect, test } from 'vitest';
import { parseAllowlistText } from '../../src/allowlist/parse-allowlist-text.ts';
import { decide } from '../../src/policy/decide.ts';
import { judgeRule } from '../../src/policy/vpc/judge-rule.ts';
import { readVpcSource } from '../../src/policy/vpc/read-source.ts';
import type { SecurityGroupRule } from '../../src/policy/vpc/security-group-rule.ts';
import { ruleFrom } from '../support/examples/security-groups.ts';
import { EDGE_RANGES, neighbours } from './simulation/edges.ts';
import { ACCOUNT, ALLOWLIST, type Grant, makePlan, type Outage, REGION, RUBBISH } from './simulation/plan.ts';
import { GROUPS, isDisallowed, PORT_OF, planRules, type WantedRule } from './simulation/rules-plan.ts';

/** A grant as the judge sees it. */
const judgeable = ({ CacheSecurityGroupName, EC2SecurityGroupName, EC2SecurityGroupOwnerId }: Grant) => ({
  kind: 'classic' as const,
  account: ACCOUNT,
  region: REGION,
  target: { cacheSecurityGroupName: CacheSecurityGroupName },
  source: { ec2SecurityGroupName: EC2SecurityGroupName, ec2SecurityGroupOwnerId: EC2SecurityGroupOwnerId },
});

describe('a plan', () => {
  test('follows from its seed', () => {
    expect(makePlan(7, 200)).toEqual(makePlan(7, 200));
    expect(makePlan(8, 200)).not.toEqual(makePlan(7, 200));
  });

  test('for fewer grants is the beginning of one for more', () => {
    const [few, many] = [makePlan(7, 100), makePlan(7, 1_000)];

    expect(many.grants.slice(0, 100)).toEqual(few.grants);
    for (const what of ['deletions', 'allowlistOutages', 'permissionOutages'] as const) {
      const whole = (outages: readonly Outage[]) => outages.filter(({ untilMs }) => untilMs < few.endMs);
      expect(many[what].slice(0, whole(few[what]).length)).toEqual(whole(few[what]));
    }
  });

  test('has a third of its grants disallowed, each grant once, and everything over at its end', () => {
    const { grants, endMs, deletions, allowlistOutages, permissionOutages } = makePlan(7, 3_000);

    const disallowed = grants.filter(({ allowed }) => !allowed).length;
    expect(disallowed).toBeGreaterThan(900);
    expect(disallowed).toBeLessThan(1_100);
    expect(new Set(grants.map(({ grant }) => JSON.stringify(grant))).size).toBe(3_000);
    for (const { steps } of grants) expect(Math.max(...steps.map(({ atMs }) => atMs))).toBeLessThan(endMs);
    for (const { fromMs, untilMs } of [...deletions, ...allowlistOutages, ...permissionOutages]) {
      expect(fromMs).toBeLessThanOrEqual(untilMs);
      expect(untilMs).toBeLessThanOrEqual(endMs);
    }
  });

  test('calls those grants allowed that its allowlist allows', () => {
    const { compiled } = parseAllowlistText(ALLOWLIST, 'allowlist.yaml');
    const { grants } = makePlan(7, 1_000);

    const judged = grants.map(({ grant }) => decide(judgeable(grant), compiled, new Date()).effect === 'allow');

    expect(judged).toEqual(grants.map(({ allowed }) => allowed));
  });

  test('calls those rules of security groups disallowed that its allowlist does not allow', () => {
    const { compiled } = parseAllowlistText(ALLOWLIST, 'allowlist.yaml');
    const wanted = planRules(7, 2_000).flatMap(({ groupName, steps }) =>
      steps.flatMap((step) => (step.what === 'revoke' ? [] : [{ groupName, rule: step.rule }])),
    );

    const judged = wanted.map(({ groupName, rule }) => {
      const caches = cachesOf(groupName);
      const guarded = caches.map((cacheName) => ({ cacheName, ports: [PORT_OF(cacheName)] }));
      const { isDenied } = judgeRule(judgeableRule(rule), guarded, compiled, new Date());
      return { isDenied, planned: isDisallowed({ ...rule, source: sourceOf(rule) }, caches) };
    });

    expect(judged.filter(({ isDenied, planned }) => isDenied !== planned)).toEqual([]);
    expect(new Set(judged.map(({ planned }) => planned))).toEqual(new Set([true, false]));
  });

  test('calls those ranges allowed that its allowlist allows, up to the bit: half of all at the boundaries of those that it names', () => {
    const { compiled } = parseAllowlistText(ALLOWLIST, 'allowlist.yaml');
    const ranges = EDGE_RANGES.flatMap(neighbours);

    const judged = ranges.map((CidrIp) => {
      const rule = { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379, source: { CidrIp } };
      const guarded = [{ cacheName: 'edge-0', ports: [6379] }];
      const { isDenied } = judgeRule(judgeableRule(rule), guarded, compiled, new Date());
      return { CidrIp, isDenied, planned: isDisallowed({ ...rule, source: CidrIp }, ['edge-0']) };
    });

    expect(judged.filter(({ isDenied, planned }) => isDenied !== planned)).toEqual([]);
    expect(judged.filter(({ planned }) => planned)).toHaveLength(ranges.length / 2);
  });

  test.each(RUBBISH.filter(({ contents }) => contents !== undefined))(
    'has the source of the allowlist serve $what, which is no valid allowlist',
    ({ contents }) => {
      expect(() => parseAllowlistText(contents as string, 'allowlist.yaml')).toThrow('allowlist.yaml');
    },
  );
});

function cachesOf(groupName: string): readonly string[] {
  return GROUPS.find(({ name }) => name === groupName)?.caches ?? [];
}

function sourceOf({ source }: WantedRule): string {
  if ('GroupId' in source) return `${source.GroupId} of ${source.UserId}`;
  return Object.values(source)[0] as string;
}

function judgeableRule({ source, ...rule }: WantedRule): SecurityGroupRule {
  const { source: read } = readVpcSource(
    'GroupId' in source
      ? { securityGroupId: source.GroupId, securityGroupOwnerId: source.UserId }
      : 'PrefixListId' in source
        ? { prefixListId: source.PrefixListId }
        : { cidr: Object.values(source)[0] },
  );
  if (read === undefined) throw new Error(`${JSON.stringify(source)} cannot be read`);
  return { ...ruleFrom(read, rule), account: ACCOUNT, region: REGION };
}
