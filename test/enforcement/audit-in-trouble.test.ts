import { describe, expect, test } from 'vitest';
import { audit } from '../../src/enforcement/audit.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import { allowed, denied, howTo, manyDenied, NO_EC2_CLASSIC, NOW, pageOf, pages } from '../support/examples/audited.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { fakeCalls, ruleFrom, sessions } from '../support/examples/security-groups.ts';
import { gauge } from '../support/tools/gauge.ts';

const OTHER_REGION = 'eu-west-1';
const throttled = Object.assign(new Error('Rate exceeded'), { name: 'Throttling' });

describe('a region that fails', () => {
  test('midway keeps what was judged, and names the rest', async () => {
    const how = howTo([], { listGrants: () => pages(pageOf(allowed()), pageOf(denied()), throttled) });

    const { findings, places, notJudged } = await audit(how);

    expect(findings.map(({ outcome }) => outcome)).toEqual(['allowed', 'revoked']);
    expect(places).toEqual([
      {
        account: ACCOUNT,
        region: REGION,
        status: 'failed',
        cacheSecurityGroups: 2,
        caches: 0,
        securityGroups: 0,
        grants: 2,
        problem: 'Throttling: Rate exceeded',
      },
    ]);
    expect(notJudged).toEqual([
      {
        account: ACCOUNT,
        region: REGION,
        what: 'what comes after 2 cache security groups',
        why: 'Throttling: Rate exceeded',
      },
    ]);
  });

  test('from the first call on is not judged at all, and the other regions are', async () => {
    const how = howTo([], {
      regions: [REGION, OTHER_REGION],
      listGrants: (region) => (region === REGION ? pages(throttled) : pages(pageOf(denied('web', region)))),
    });

    const { findings, places, notJudged } = await audit(how);

    expect(places.map(({ region, status }) => `${region} ${status}`)).toEqual([
      `${REGION} failed`,
      `${OTHER_REGION} judged`,
    ]);
    expect(notJudged).toEqual([
      { account: ACCOUNT, region: REGION, what: 'its cache security groups', why: 'Throttling: Rate exceeded' },
    ]);
    expect(findings).toMatchObject([{ grant: { region: OTHER_REGION }, outcome: 'revoked' }]);
  });

  test('is told with a message that is cut where it is too long for a report', async () => {
    const { places } = await audit(howTo([], { listGrants: () => pages(new Error(`a\n${'b'.repeat(10_000)}`)) }));

    expect(places[0]?.problem).toMatch(/^a\?b+\.\.\.$/);
    expect(places[0]?.problem?.length).toBeLessThan(400);
  });
});

describe('a region without EC2-Classic', () => {
  test('is judged all the same, says that it has none, and nothing of it is missing', async () => {
    const how = howTo([], {
      regions: [REGION, OTHER_REGION],
      listGrants: (region) => (region === REGION ? pages(NO_EC2_CLASSIC) : pages(pageOf())),
    });

    const { places, notJudged } = await audit(how);

    expect(places).toEqual([
      {
        account: ACCOUNT,
        region: REGION,
        status: 'judged',
        ec2Classic: false,
        cacheSecurityGroups: 0,
        caches: 0,
        securityGroups: 0,
        grants: 0,
      },
      {
        account: ACCOUNT,
        region: OTHER_REGION,
        status: 'judged',
        cacheSecurityGroups: 1,
        caches: 0,
        securityGroups: 0,
        grants: 0,
      },
    ]);
    expect(notJudged).toEqual([]);
  });
});

describe('a grant that cannot be read', () => {
  const problems = ['ec2SecurityGroupOwnerId is missing', 'account is missing'];

  test('is named with what is wrong with it, and the others are judged', async () => {
    const what = 'cache security group `sessions` <- EC2 security group `web` of (undefined)';
    const how = howTo([{ problems, status: 'authorized', what }, denied()]);

    const { findings, places, notJudged } = await audit(how);

    expect(notJudged).toEqual([
      { account: ACCOUNT, region: REGION, what, why: 'ec2SecurityGroupOwnerId is missing; account is missing' },
    ]);
    expect(findings).toMatchObject([{ outcome: 'revoked' }]);
    expect(places).toEqual([
      {
        account: ACCOUNT,
        region: REGION,
        status: 'judged',
        cacheSecurityGroups: 1,
        caches: 0,
        securityGroups: 0,
        grants: 2,
      },
    ]);
  });

  test('is named as a grant where nothing is known of it', async () => {
    const { notJudged } = await audit(howTo([{ problems, status: 'authorized' }]));

    expect(notJudged).toMatchObject([{ what: 'a grant', why: problems.join('; ') }]);
  });
});

describe('the deadline', () => {
  const deadline = new Date(NOW.getTime() + 1000);

  test('ends the listing, and names what comes after', async () => {
    let passed = false;
    const how = howTo([], {
      async *listGrants() {
        yield pageOf(allowed());
        passed = true;
        yield pageOf(allowed());
        throw Object.assign(new Error('Request aborted'), { name: 'AbortError' });
      },
      now: () => (passed ? deadline : NOW),
      deadline,
    });

    const { findings, places, notJudged } = await audit(how);

    expect(findings).toHaveLength(2);
    expect(places).toMatchObject([{ status: 'failed', problem: 'there was no time left to list the rest' }]);
    expect(notJudged).toMatchObject([{ what: 'what comes after 2 cache security groups' }]);
  });

  test('does not make a region incomplete that was listed to its end by then', async () => {
    let passed = false;
    const how = howTo([], {
      async *listGrants() {
        passed = true;
        yield pageOf(allowed());
      },
      now: () => (passed ? deadline : NOW),
      deadline,
    });

    const { places, notJudged } = await audit(how);

    expect(places).toMatchObject([{ status: 'judged', grants: 1 }]);
    expect(notJudged).toEqual([]);
  });

  test('leaves out regions whose turn comes after it, and names them', async () => {
    const asked: string[] = [];
    const how = howTo([], {
      listGrants: (region) => {
        asked.push(region);
        return pages(pageOf());
      },
      now: () => deadline,
      deadline,
    });

    const { findings, places, notJudged } = await audit(how);

    expect(asked).toEqual([]);
    expect(findings).toEqual([]);
    expect(places).toMatchObject([{ account: ACCOUNT, region: REGION, status: 'failed' }]);
    expect(notJudged).toEqual([
      { account: ACCOUNT, region: REGION, what: 'all of it', why: 'there was no time left to list the rest' },
    ]);
  });

  test('counts nothing of a region whose turn comes after it, and warns of no name that a cache there may have', async () => {
    const byName = new CompiledAllowlist({
      version: 1,
      rules: [{ id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/8'] }],
    });
    const how = howTo([], { allowlist: byName, now: () => deadline, deadline });

    const { places, names, warnings } = await audit(how);

    const nothing = { cacheSecurityGroups: 0, caches: 0, securityGroups: 0, grants: 0 };
    const problem = 'there was no time left to list the rest';
    expect(places).toEqual([{ account: ACCOUNT, region: REGION, status: 'failed', ...nothing, problem }]);
    expect(names).toEqual([{ account: ACCOUNT, region: REGION, names: new Set(), areAll: false }]);
    expect(warnings).toEqual([]);
  });

  test('ends the revocations: what was not begun is failed, and says that there was no time left', async () => {
    let passed = false;
    const how = howTo(manyDenied(10), {
      revokeGrant: async () => {
        passed = true;
        return { result: 'revoked' };
      },
      now: () => (passed ? deadline : NOW),
      deadline,
    });

    const { findings } = await audit(how);

    const failed = findings.filter(({ outcome }) => outcome === 'failed');
    expect(how.revoked.length + failed.length).toBe(10);
    expect(failed.length).toBeGreaterThan(0);
    expect(new Set(failed.map(({ problem }) => problem))).toEqual(
      new Set(['there was no time left to revoke it: it stands until it is evaluated again']),
    );
  });
});

describe('at once', () => {
  test('several regions are listed, and no more than four', async () => {
    const { during, most } = gauge();
    const regions = Array.from({ length: 12 }, (_, index) => `us-east-${index + 1}`);
    const how = howTo([], {
      regions,
      async *listGrants() {
        await during();
        yield pageOf();
      },
    });

    const seen = await audit(how);

    expect(most()).toBe(4);
    expect(seen.places.map(({ region }) => region)).toEqual(regions);
  });

  test('the caches of several regions are listed, also for the second look before rules are revoked, and no more than four', async () => {
    const { during, most } = gauge();
    const regions = Array.from({ length: 12 }, (_, index) => `us-east-${index + 1}`);
    const { calls } = fakeCalls({ rules: [ruleFrom({ kind: 'cidr', cidr: '0.0.0.0/0' })] });
    let listed = 0;
    const how = howTo([], {
      ...calls,
      regions,
      async listCaches() {
        listed++;
        await during();
        return [sessions];
      },
    });

    await audit(how);

    expect(listed).toBe(24);
    expect(most()).toBe(4);
  });

  test('several grants are revoked, and no more than four', async () => {
    const { during, most } = gauge();
    const how = howTo(manyDenied(12), {
      maxRevocations: 12,
      revokeGrant: async () => {
        await during();
        return { result: 'revoked' };
      },
    });

    await audit(how);

    expect(most()).toBe(4);
    expect(how.revoked).toHaveLength(12);
  });
});

describe('an audit never throws', () => {
  const throwIt = (thrown: unknown) => () => {
    throw thrown;
  };

  test.each([
    ['an error', new Error('away'), 'away'],
    ['a text', 'away', 'away'],
    ['nothing', undefined, 'undefined'],
  ])('when listing and revoking throw %s at once', async (_, thrown, problem) => {
    const listing = await audit(howTo([], { listGrants: throwIt(thrown) }));
    const revoking = await audit(howTo([denied()], { revokeGrant: throwIt(thrown) }));

    expect(listing.places).toMatchObject([{ status: 'failed', problem }]);
    expect(revoking.findings).toMatchObject([{ outcome: 'failed', problem }]);
  });

  test('when the clock tells no time: nothing is judged, and nothing revoked', async () => {
    const how = howTo([denied()], { now: () => new Date(Number.NaN) });

    const { findings, places } = await audit(how);

    expect(findings).toEqual([]);
    expect(places).toMatchObject([{ status: 'failed' }]);
    expect(how.revoked).toEqual([]);
  });
});
