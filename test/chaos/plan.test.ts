import { describe, expect, test } from 'vitest';
import { ACCOUNT, ALLOWLIST, type Grant, makePlan, type Outage, REGION, RUBBISH } from '../../chaos/plan.ts';
import { parseAllowlistText } from '../../src/allowlist/parse-allowlist-text.ts';
import { decide } from '../../src/policy/decision.ts';

/** A grant as the judge sees it. */
const judgeable = ({ CacheSecurityGroupName, EC2SecurityGroupName, EC2SecurityGroupOwnerId }: Grant) => ({
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

  test.each(RUBBISH.filter(({ contents }) => contents !== undefined))(
    'has the source of the allowlist serve $what, which is no valid allowlist',
    ({ contents }) => {
      expect(() => parseAllowlistText(contents as string, 'allowlist.yaml')).toThrow('allowlist.yaml');
    },
  );
});
