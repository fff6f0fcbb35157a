import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { DescribeCacheSecurityGroupsCommand } from '@aws-sdk/client-elasticache';
import fc from 'fast-check';
import type { Fault, ScheduledAws, SeenCall } from '../support/local-aws/scheduled-aws.ts';

const AUTHORIZE = 'AuthorizeSecurityGroupIngress';
export const REVOKE = 'RevokeSecurityGroupIngress';
const MODIFY = 'ModifySecurityGroupRules';

/** What a person has a rule say. Only the first is allowed of those that open the cache. */
const SAYINGS = {
  allowed: { from: 6379, to: 6379, cidr: '10.0.0.0/24' },
  open: { from: 6379, to: 6379, cidr: '0.0.0.0/0' },
  wide: { from: 0, to: 65_535, cidr: '192.0.2.0/24' },
  beside: { from: 22, to: 22, cidr: '0.0.0.0/0' },
} as const;
type Saying = keyof typeof SAYINGS;

/** What a person does to security group `caches`, to `other`, or to the cache that is behind the first, or behind both. */
type Step =
  | { readonly does: 'authorize'; readonly other: boolean; readonly saying: Saying; readonly copies: number }
  | { readonly does: 'edit'; readonly which: number; readonly saying: Saying; readonly copies: number }
  | { readonly does: 'revoke'; readonly which: number }
  | { readonly does: 'attach'; readonly both: boolean; readonly copies: number }
  /** The allowlist is edited: whoever `open` lets in is allowed from then on, or not any more. */
  | { readonly does: 'allow'; readonly open: boolean };

/** What a person does, one after another, what goes wrong with our own calls, and how long Describe lags. */
export interface Story {
  readonly steps: readonly Step[];
  readonly faults: readonly Fault[];
  readonly describeLagMs: number;
}

const saying = fc.constantFrom<Saying[]>('allowed', 'allowed', 'open', 'open', 'open', 'wide', 'beside');
// How often the event comes: EventBridge doubles some and loses some.
const copies = fc.constantFrom(0, 1, 2, 2);
const which = fc.nat(2);

export const arbitraryStory: fc.Arbitrary<Story> = fc.record({
  steps: fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          does: fc.constant('authorize' as const),
          other: fc.constantFrom(false, false, true),
          saying,
          copies,
        }),
      },
      { weight: 3, arbitrary: fc.record({ does: fc.constant('edit' as const), which, saying, copies }) },
      { weight: 2, arbitrary: fc.record({ does: fc.constant('revoke' as const), which }) },
      { weight: 2, arbitrary: fc.record({ does: fc.constant('attach' as const), both: fc.boolean(), copies }) },
      { weight: 1, arbitrary: fc.record({ does: fc.constant('allow' as const), open: fc.boolean() }) },
    ),
    { minLength: 1, maxLength: 5 },
  ),
  faults: fc.array(
    fc.constantFrom<Fault[]>('none', 'none', 'none', 'none', 'none', 'denied', 'cut before', 'cut after'),
    {
      maxLength: 25,
    },
  ),
  // Longer than one step of time.
  describeLagMs: fc.constantFrom(0, 0, 45_000),
});

/** Stories in which this goes wrong with half of our calls. */
export function withOften(fault: Fault): fc.Arbitrary<Story> {
  const faults = fc.array(fc.constantFrom<Fault[]>('none', fault), { minLength: 10, maxLength: 30 });
  return fc.tuple(arbitraryStory, faults).map(([story, often]) => ({ ...story, faults: often }));
}

/** Stories in which Describe lags, and nothing goes wrong. */
export const withLag: fc.Arbitrary<Story> = arbitraryStory.map((story) => ({
  ...story,
  faults: [],
  describeLagMs: 45_000,
}));

/** Stories in which a rule is made, and repaired after it. */
export const withRepair: fc.Arbitrary<Story> = copies.map((many) => ({
  steps: [
    { does: 'authorize', other: false, saying: 'wide', copies: 2 },
    { does: 'edit', which: 0, saying: 'beside', copies: many },
  ],
  faults: [],
  describeLagMs: 0,
}));

/** Stories in which a group guards the cache for a while, whose events are late. */
export const withGroupTakenAway: fc.Arbitrary<Story> = copies.map((many) => ({
  steps: [
    { does: 'attach', both: true, copies: 1 },
    { does: 'authorize', other: true, saying: 'wide', copies: 1 },
    { does: 'attach', both: false, copies: 0 },
    { does: 'edit', which: 0, saying: 'open', copies: many },
    { does: 'edit', which: 0, saying: 'wide', copies: 2 },
  ],
  faults: [],
  describeLagMs: 0,
}));

/** Stories in which a rule is allowed soon after it was made. */
export const withAllowed: fc.Arbitrary<Story> = copies.map((many) => ({
  steps: [
    { does: 'authorize', other: false, saying: 'open', copies: 2 },
    { does: 'allow', open: true },
    { does: 'edit', which: 0, saying: 'open', copies: many },
  ],
  faults: [],
  describeLagMs: 0,
}));

/** The ids of the security groups. */
export interface Groups {
  readonly caches: string;
  readonly other: string;
}

/** A rule that a person made. */
export interface MadeRule {
  readonly id: string;
  readonly GroupId: string;
}

/** A cache behind group `caches`, and a group `other` beside it. Each has a rule: one is allowed, the other would not be. */
export async function prepare(aws: ScheduledAws): Promise<Groups> {
  const groups = { caches: '', other: '' };
  await aws.elastiCacheClient.send(new DescribeCacheSecurityGroupsCommand());
  await aws.ec2Client.send(new DescribeSecurityGroupsCommand());
  for (const name of ['caches', 'other'] as const) {
    const { result } = await aws.call('CreateSecurityGroup', { GroupName: name, GroupDescription: 'Of the shop' });
    groups[name] = (result as { groupId: string }).groupId;
  }
  await aws.call('CreateReplicationGroup', {
    ReplicationGroupId: 'sessions',
    ReplicationGroupDescription: 'Sessions',
    'SecurityGroupIds.SecurityGroupId.1': groups.caches,
  });
  await aws.call(AUTHORIZE, { GroupId: groups.caches, ...permission('allowed') });
  await aws.call(AUTHORIZE, { GroupId: groups.other, ...permission('open') });
  return groups;
}

/** Makes the call that a step is; about a rule, if it is one to edit or to revoke. */
export function take(
  aws: ScheduledAws,
  groups: Groups,
  step: Exclude<Step, { does: 'allow' }>,
  rule: MadeRule | undefined,
): Promise<SeenCall> {
  if (step.does === 'authorize') {
    return aws.call(AUTHORIZE, { GroupId: step.other ? groups.other : groups.caches, ...permission(step.saying) });
  }
  if (step.does === 'attach') {
    return aws.call('ModifyReplicationGroup', {
      ReplicationGroupId: 'sessions',
      'SecurityGroupIds.SecurityGroupId.1': groups.caches,
      ...(step.both && { 'SecurityGroupIds.SecurityGroupId.2': groups.other }),
    });
  }
  const { id = '', GroupId = '' } = rule ?? {};
  if (step.does === 'revoke') return aws.call(REVOKE, { GroupId, 'SecurityGroupRuleId.1': id });
  const { from, to, cidr } = SAYINGS[step.saying];
  return aws.call(MODIFY, {
    GroupId,
    'SecurityGroupRule.1.SecurityGroupRuleId': id,
    'SecurityGroupRule.1.SecurityGroupRule.IpProtocol': 'tcp',
    'SecurityGroupRule.1.SecurityGroupRule.FromPort': String(from),
    'SecurityGroupRule.1.SecurityGroupRule.ToPort': String(to),
    'SecurityGroupRule.1.SecurityGroupRule.CidrIpv4': cidr,
  });
}

function permission(what: Saying): Record<string, string> {
  const { from, to, cidr } = SAYINGS[what];
  return {
    'IpPermissions.1.IpProtocol': 'tcp',
    'IpPermissions.1.FromPort': String(from),
    'IpPermissions.1.ToPort': String(to),
    'IpPermissions.1.IpRanges.1.CidrIp': cidr,
  };
}

/** The rule that a call made. */
export function madeIn({ result }: SeenCall): MadeRule {
  const { securityGroupRuleSet } = result as {
    securityGroupRuleSet: readonly { securityGroupRuleId: string; groupId: string }[];
  };
  const [{ securityGroupRuleId = '', groupId = '' } = {}] = securityGroupRuleSet;
  return { id: securityGroupRuleId, GroupId: groupId };
}
