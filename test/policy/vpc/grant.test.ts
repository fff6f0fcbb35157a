import { describe, expect, test } from 'vitest';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import { decide } from '../../../src/policy/decide.ts';
import { describeGrant } from '../../../src/policy/grant.ts';
import { type CacheNames, namesOf, type VpcTarget } from '../../../src/policy/vpc/grant.ts';
import {
  readVpcAccess,
  readVpcGrant,
  type WrittenCacheSource,
  type WrittenVpcGrant,
} from '../../../src/policy/vpc/read-grant.ts';
import { readVpcSource, type WrittenVpcSource } from '../../../src/policy/vpc/read-source.ts';
import type { VpcSource } from '../../../src/policy/vpc/source.ts';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { GROUP, RULE } from '../../support/examples/security-groups.ts';

/** What CloudTrail writes where it hides a value. */
const REDACTED = 'HIDDEN_DUE_TO_SECURITY_REASONS';

const REACH = { account: ACCOUNT, region: REGION, cacheName: 'Sessions', ports: [6380, 6379, 6380] };
const WRITTEN = {
  ...REACH,
  securityGroupId: GROUP,
  securityGroupRuleId: RULE,
  source: { kind: 'cidr', cidr: '10.0.3.4/16' },
};

describe('a VPC grant that somebody wrote', () => {
  test('is read in the form in which the policy compares it', () => {
    expect(readVpcGrant(WRITTEN)).toEqual({
      grant: {
        kind: 'vpc',
        account: ACCOUNT,
        region: REGION,
        target: { cacheName: 'sessions', ports: [6379, 6380], securityGroupId: GROUP, securityGroupRuleId: RULE },
        source: { kind: 'cidr', cidr: '10.0.0.0/16' },
      },
    });
  });

  test('keeps the names of its clusters in lower case, each once, without the name of the cache', () => {
    const { grant } = readVpcGrant({ ...WRITTEN, clusterNames: ['Sessions-2', 'sessions', 'sessions-2', 'a'] });

    expect(grant?.target).toMatchObject({ cacheName: 'sessions', clusterNames: ['a', 'sessions-2'] });
  });

  test.each([
    [{ clusterNames: 'a' }, 'clusterNames is not a list of names of caches'],
    [{ clusterNames: ['a b'] }, 'clusterNames is not a list of names of caches'],
    [{ clusterNames: ['a', 'a b'] }, 'clusterNames is not a list of names of caches'],
    [{ account: undefined }, 'account is missing'],
    [{ account: '1234' }, 'account `1234` is not 12 digits'],
    [{ region: 'moon' }, 'region `moon` is not the name of an AWS region'],
    [{ cacheName: 'my cache' }, 'cacheName `my cache` is not up to 255 letters, digits and hyphens'],
    [{ cacheName: REDACTED }, 'cacheName is hidden by CloudTrail'],
    [{ ports: undefined }, 'ports is missing'],
    [{ ports: [] }, 'ports is not a list of numbers from 1 to 65535'],
    [{ ports: [0] }, 'ports is not a list of numbers from 1 to 65535'],
    [{ ports: [6379, 0] }, 'ports is not a list of numbers from 1 to 65535'],
    [{ ports: '6379' }, 'ports is not a list of numbers from 1 to 65535'],
    [{ securityGroupId: 'web' }, 'securityGroupId `web` is not the id of a security group'],
    [{ securityGroupRuleId: undefined }, 'securityGroupRuleId is missing'],
    [{ securityGroupRuleId: GROUP }, `securityGroupRuleId \`${GROUP}\` is not the id of a rule`],
    [{ securityGroupId: undefined }, 'securityGroupId is missing'],
    [{ source: {} }, 'the source is missing: one of a CIDR, a prefix list and a security group'],
    [
      { source: { cidr: '10.0.0.0/8', prefixListId: 'pl-0a' } },
      'the source is said in several ways: one of a CIDR, a prefix list and a security group',
    ],
  ])('is none with %j: it says what is wrong', (changes, problem) => {
    expect(readVpcGrant({ ...WRITTEN, ...changes })).toEqual({ problems: [problem] });
  });

  test('tells everything that is wrong at once', () => {
    const { problems } = readVpcGrant({ ...WRITTEN, region: '', ports: [], securityGroupRuleId: 'a' });

    expect(problems).toHaveLength(3);
  });
});

describe('the grant of a public endpoint that somebody wrote', () => {
  const { securityGroupId: _group, securityGroupRuleId: _rule, ...WITHOUT_RULE } = WRITTEN;
  const read = (source: WrittenCacheSource, changes: Partial<WrittenVpcGrant> = {}) =>
    readVpcGrant({ ...WITHOUT_RULE, securityGroupId: undefined, securityGroupRuleId: undefined, ...changes, source });

  test.each<WrittenCacheSource>([
    { kind: 'internet' },
    { publicEndpoint: true },
    { kind: 'internet', publicEndpoint: true },
    { publicEndpoint: true, cidr: null, prefixListId: undefined, securityGroupId: null },
  ])('lets in anyone, without a rule, where its source is %j', (source) => {
    expect(read(source)).toEqual({
      grant: {
        kind: 'vpc',
        account: ACCOUNT,
        region: REGION,
        target: { cacheName: 'sessions', ports: [6379, 6380] },
        source: { kind: 'internet' },
      },
    });
  });

  test.each<[WrittenCacheSource, string]>([
    [{ publicEndpoint: true, cidr: '0.0.0.0/0' }, 'the source is said in several ways: a public endpoint, and another'],
    [
      { kind: 'internet', prefixListId: 'pl-0a', cidr: null },
      'the source is said in several ways: a public endpoint, and another',
    ],
    [{ publicEndpoint: false }, 'publicEndpoint (a boolean) is not `true`'],
    [{ publicEndpoint: 'yes' }, 'publicEndpoint `yes` is not `true`'],
    [{ kind: 'internet', publicEndpoint: false }, 'publicEndpoint (a boolean) is not `true`'],
  ])('is none where its source is %j: it says what is wrong', (source, problem) => {
    expect(read(source)).toEqual({ problems: [problem] });
    expect(readVpcAccess({ ...REACH, source })).toEqual({ problems: [problem] });
  });

  test.each<Partial<VpcTarget>>([
    { securityGroupId: GROUP },
    { securityGroupRuleId: RULE },
    { securityGroupId: GROUP, securityGroupRuleId: RULE },
  ])('is none with %j: no rule makes it', (rule) => {
    expect(read({ kind: 'internet' }, rule)).toEqual({
      problems: ['a public endpoint has neither a securityGroupId nor a securityGroupRuleId'],
    });
  });

  test('is none where anything else is wrong, and a rule is not said to be missing', () => {
    expect(read({ publicEndpoint: true }, { ports: [] })).toEqual({
      problems: ['ports is not a list of numbers from 1 to 65535'],
    });
  });

  test('is not that of a range of every address, which a rule makes', () => {
    expect(read({ cidr: '0.0.0.0/0', publicEndpoint: null })).toEqual({
      problems: ['securityGroupId is missing', 'securityGroupRuleId is missing'],
    });
  });
});

describe('who reaches a cache, as somebody asks it', () => {
  test('needs no rule: it is judged and described without one', () => {
    const { grant } = readVpcAccess({ ...REACH, source: { prefixListId: 'pl-0a' } });
    if (grant === undefined) throw new Error('this can be read');
    const rule = { id: 'office', caches: ['sessions'], prefixListIds: ['pl-0a'] };

    const decision = decide(grant, new CompiledAllowlist({ version: 1, rules: [rule] }), new Date());

    expect(decision).toEqual({ effect: 'allow', rule: 'office' });
    expect(describeGrant(grant)).toBe(`sessions:6379,6380 <- pl-0a (${ACCOUNT}, ${REGION})`);
  });
});

describe('whom a rule lets in, as somebody wrote it', () => {
  test.each<[WrittenVpcSource, VpcSource]>([
    [
      { cidr: '10.0.3.4/16', prefixListId: null, securityGroupId: null },
      { kind: 'cidr', cidr: '10.0.0.0/16' },
    ],
    [
      { cidr: null, prefixListId: 'pl-0a' },
      { kind: 'prefixList', prefixListId: 'pl-0a' },
    ],
    [
      { securityGroupId: GROUP, prefixListId: null, cidr: null },
      { kind: 'securityGroup', securityGroupId: GROUP },
    ],
    [
      { securityGroupId: GROUP, securityGroupOwnerId: null },
      { kind: 'securityGroup', securityGroupId: GROUP },
    ],
    [
      { securityGroupId: GROUP, securityGroupOwnerId: '1111-2222-3333' },
      { kind: 'securityGroup', securityGroupId: GROUP, securityGroupOwnerId: '111122223333' },
    ],
    [
      { securityGroupId: GROUP, securityGroupName: 'web' },
      { kind: 'securityGroup', securityGroupId: GROUP, securityGroupName: 'web' },
    ],
    [
      { securityGroupId: GROUP, securityGroupName: null },
      { kind: 'securityGroup', securityGroupId: GROUP },
    ],
  ])('is read from %j', (written, source) => {
    expect(readVpcSource(written)).toEqual({ source });
  });

  test.each<[WrittenVpcSource, string]>([
    [{ cidr: '10.0.0.0' }, 'cidr `10.0.0.0` is not a range of addresses, such as 10.0.0.0/16'],
    [{ cidr: 10 }, 'cidr (a number) is not a range of addresses, such as 10.0.0.0/16'],
    [{ prefixListId: 'sg-0a' }, 'prefixListId `sg-0a` is not the id of a prefix list'],
    [{ prefixListId: 5 }, 'prefixListId (a number) is not the id of a prefix list'],
    [{ securityGroupId: 'web' }, "the source's securityGroupId `web` is not the id of a security group"],
    [{ securityGroupId: ['sg-0a'] }, "the source's securityGroupId (an object) is not the id of a security group"],
    [{ securityGroupId: REDACTED }, "the source's securityGroupId is hidden by CloudTrail"],
    [
      { securityGroupId: GROUP, securityGroupName: 'a'.repeat(256) },
      expect.stringMatching(/^the source's securityGroupName `a{64,}.* is not up to 255 characters/),
    ],
    [
      { securityGroupId: GROUP, securityGroupOwnerId: 'self' },
      "the source's securityGroupOwnerId `self` is not 12 digits",
    ],
    [
      { securityGroupId: GROUP, securityGroupOwnerId: 111122223333 },
      "the source's securityGroupOwnerId (a number) is not 12 digits",
    ],
    [{}, 'the source is missing: one of a CIDR, a prefix list and a security group'],
    [{ securityGroupOwnerId: ACCOUNT }, 'the source is missing: one of a CIDR, a prefix list and a security group'],
    [
      { securityGroupId: GROUP, prefixListId: 'pl-0a' },
      'the source is said in several ways: one of a CIDR, a prefix list and a security group',
    ],
  ])('is not read from %j', (written, problem) => {
    expect(readVpcSource(written)).toEqual({ problem });
  });
});

test.each<[string, boolean]>([
  ['a', true],
  ['Sessions-1', true],
  ['x'.repeat(255), true],
  ['', false],
  ['x'.repeat(256), false],
  ['a\n', false],
  [' a', false],
  ['a_b', false],
])('%j can be the name of a cache: %s', (cacheName, expected) => {
  expect(readVpcGrant({ ...WRITTEN, cacheName }).grant?.target.cacheName === cacheName.toLowerCase()).toBe(expected);
});

test.each<[VpcSource, string]>([
  [{ kind: 'cidr', cidr: '0.0.0.0/0' }, '0.0.0.0/0'],
  [{ kind: 'prefixList', prefixListId: 'pl-0a' }, 'pl-0a'],
  [{ kind: 'securityGroup', securityGroupId: 'sg-0b', securityGroupOwnerId: ACCOUNT }, `sg-0b of ${ACCOUNT}`],
  [{ kind: 'securityGroup', securityGroupId: 'sg-0b' }, 'sg-0b of an unknown owner'],
])('a grant to a cache is described on one line, with whom it lets in: %j', (source, shown) => {
  const { grant } = readVpcGrant({ ...WRITTEN, source });
  if (grant === undefined) throw new Error('this can be read');

  expect(describeGrant(grant)).toBe(`sessions:6379,6380 <- ${shown} by ${RULE} of ${GROUP} (${ACCOUNT}, ${REGION})`);
});

test('the grant of a public endpoint is described on one line, without a rule', () => {
  const { grant } = readVpcAccess({ ...REACH, source: { publicEndpoint: true } });
  if (grant === undefined) throw new Error('this can be read');

  expect(describeGrant(grant)).toBe(
    `sessions:6379,6380 <- anyone on the internet by its public endpoint (${ACCOUNT}, ${REGION})`,
  );
});

test.each<[Partial<CacheNames>, readonly string[]]>([
  [{}, ['sessions']],
  [{ clusterNames: ['sessions-1', 'sessions-2'] }, ['sessions', 'sessions-1', 'sessions-2']],
])('a cache has its own name, and those of its clusters if it has any: %j', (clusters, names) => {
  expect(namesOf({ cacheName: 'sessions', ...clusters })).toEqual(names);
});
