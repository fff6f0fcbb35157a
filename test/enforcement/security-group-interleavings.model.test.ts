import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readGroupNames } from '../../src/aws/ec2/group-names.ts';
import { guardsCache } from '../../src/aws/ec2/guards-cache.ts';
import { guardsSomethingElse } from '../../src/aws/ec2/guards-something-else.ts';
import { listSecurityGroupRules } from '../../src/aws/ec2/list-rules.ts';
import { readPrefixList } from '../../src/aws/ec2/read-prefix-list.ts';
import { revokeSecurityGroupRule } from '../../src/aws/ec2/revoke-rule.ts';
import { listCaches } from '../../src/aws/elasticache/list-caches.ts';
import { OUTCOMES } from '../../src/policy/outcome.ts';
import type { ListedRule, SecurityGroupRule } from '../../src/policy/vpc/security-group-rule.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { arbitraryScheduler, type SeenCall } from '../support/local-aws/scheduled-aws.ts';
import { collect } from '../support/tools/collect.ts';
import { times } from '../support/tools/fuzz.ts';
import { canHaveSeenReason, type Moment, standing, standingSince } from './moments.ts';
import {
  arbitraryStory,
  REVOKE,
  type Story,
  withAllowed,
  withGroupTakenAway,
  withLag,
  withOften,
  withRepair,
} from './security-group-steps.ts';
import { type GuardAt, type Look, type Played, play } from './security-group-stories.ts';

const guardAt: GuardAt = ({ elastiCacheClient, ec2Client }) => ({
  listCaches: () => listCaches(elastiCacheClient),
  listRules: (securityGroupIds) => listSecurityGroupRules(ec2Client, securityGroupIds),
  readGroupNames: (securityGroupIds) => readGroupNames(ec2Client, securityGroupIds),
  guardsCache: (securityGroupId) => guardsCache(ec2Client, securityGroupId),
  readPrefixList: (prefixListId) => readPrefixList(ec2Client, prefixListId),
  guardsSomethingElse: (securityGroupId) => guardsSomethingElse(ec2Client, securityGroupId),
  revokeRule: (rule) => revokeSecurityGroupRule(ec2Client, rule, new Date(Date.now() + 60_000)),
});

const STANDS = 'a disallowed rule stands that was dealt with';
const REVOKED = 'a rule was revoked that nobody could see reason to revoke';

/** Guards that are wrong, each in one way, what comes of it, and the stories that bring it to light soon. */
const WRONG: readonly (readonly [string, string, GuardAt, fc.Arbitrary<Story>])[] = [
  [
    'takes UnauthorizedOperation for done',
    STANDS,
    (aws) => ({
      ...guardAt(aws),
      revokeRule: (rule) =>
        guardAt(aws)
          .revokeRule(rule)
          .catch((error: Error) => {
            if (error.name !== 'UnauthorizedOperation') throw error;
            return { result: 'revoked' };
          }),
    }),
    withOften('denied'),
  ],
  [
    'judges by what the event says of the rule',
    REVOKED,
    (aws, event) => {
      const said = event && rulesSaidIn(event.detail);
      if (said === undefined) return guardAt(aws);
      return {
        ...guardAt(aws),
        async *listRules() {
          yield said.map((rule) => ({ rule }));
        },
      };
    },
    withRepair,
  ],
  [
    'revokes every rule of the security group',
    REVOKED,
    (aws) => ({
      ...guardAt(aws),
      async revokeRule(rule) {
        const { listRules, revokeRule } = guardAt(aws);
        const pages = await collect(listRules([rule.securityGroupId]));
        for (const { rule: other } of pages.flat()) if (other) await revokeRule(other);
        return await revokeRule(rule);
      },
    }),
    arbitraryStory,
  ],
  [
    'takes a rule that is not listed yet for one that is gone',
    STANDS,
    (aws) => ({
      ...guardAt(aws),
      read: (event) => ({ ...event, call: { ...event.call, eventTime: new Date(0) } }),
    }),
    withLag,
  ],
  [
    'revokes what it saw when it looked first',
    REVOKED,
    (aws) => {
      const first = new Map<string, Promise<(readonly ListedRule[])[]>>();
      return {
        ...guardAt(aws),
        async *listRules(securityGroupIds) {
          const key = securityGroupIds.join();
          const pages = first.get(key) ?? collect(guardAt(aws).listRules(securityGroupIds));
          first.set(key, pages);
          yield* await pages;
        },
      };
    },
    withRepair,
  ],
  [
    'never reads the index of caches anew',
    REVOKED,
    (aws) => ({ ...guardAt(aws), cacheIndex: (reader) => ({ ...reader, readAnew: reader.read }) }),
    withGroupTakenAway,
  ],
  [
    'does not ask again whether the allowlist is still the same',
    REVOKED,
    (aws) => ({
      ...guardAt(aws),
      readPolicy(read) {
        const first = read();
        return () => first;
      },
    }),
    withAllowed,
  ],
  [
    'takes caches that cannot be listed for none',
    STANDS,
    (aws) => ({
      ...guardAt(aws),
      listCaches: () =>
        guardAt(aws)
          .listCaches()
          .catch(() => []),
    }),
    arbitraryStory,
  ],
];

/** The rules of an event of AuthorizeSecurityGroupIngress, as it says them; nothing if it is another. */
function rulesSaidIn(detail: unknown): SecurityGroupRule[] | undefined {
  const { responseElements } = detail as { readonly responseElements?: { readonly securityGroupRuleSet?: Said } };
  return responseElements?.securityGroupRuleSet?.items.map(({ groupId, cidrIpv4, ...rule }) => ({
    account: ACCOUNT,
    region: REGION,
    securityGroupId: groupId,
    source: { kind: 'cidr', cidr: cidrIpv4 },
    ...rule,
  }));
}
interface Said {
  readonly items: readonly (Pick<SecurityGroupRule, 'securityGroupRuleId' | 'ipProtocol' | 'fromPort' | 'toPort'> & {
    readonly groupId: string;
    readonly cidrIpv4: string;
  })[];
}

/** How old an index of caches may be that was kept, in milliseconds. */
const INDEX_MS = 60_000;

/** Whether a delivery or an audit can have missed nothing of a rule that stands, and did not say that it leaves it standing. */
function hasDealtWith(
  { began, pointsTo, leftStanding, byKeptIndex }: Look,
  id: string,
  { moments, story }: Played,
): boolean {
  const { saysSo, guarding, isNew } = standingSince(moments, id);
  const { at } = moments[began] as Moment;
  const age = (since: number) => at - (since === 0 ? Number.NEGATIVE_INFINITY : (moments[since] as Moment).at);
  // One that points to a new rule must wait for it. Else a Describe that lags shows nothing of it, or what it said before.
  const isShown = age(saysSo) >= story.describeLagMs || (isNew && pointsTo !== undefined);
  return (
    began >= Math.max(saysSo, guarding) &&
    isShown &&
    (!byKeptIndex || age(guarding) >= INDEX_MS) &&
    (pointsTo === undefined || pointsTo.includes(id)) &&
    !leftStanding.includes(id)
  );
}

function expectPromises(played: Played): void {
  const { aws, moments, looks, began, decidedWhenOpen, outcomes, delivered, story } = played;
  const unkept = standing(moments).filter((id) => looks.some((look) => hasDealtWith(look, id, played)));
  expect(unkept, STANDS).toEqual([]);
  aws.calls.forEach(({ caller, action, readOnly, parameters, error }, index) => {
    if (caller === 'person' || readOnly) return;
    // Never a permission, another rule or a cache: one rule, by its id.
    expect([action, ...[...parameters.keys()].sort()]).toEqual([REVOKE, 'GroupId', 'SecurityGroupRuleId.1', 'Version']);
    const id = parameters.get('SecurityGroupRuleId.1') as string;
    const beginning = began.get(caller) as number;
    // An audit looks at several rules at once.
    const asked = caller === 'audit' ? beginning : Math.max(beginning, lastAskedBefore(index, aws.calls));
    const whenOpen = decidedWhenOpen.get(`${caller} ${id}`) ?? (moments[index] as Moment).isOpen;
    const window = { began: beginning, asked, until: index, lagMs: story.describeLagMs, whenOpen };
    if (error === undefined) expect(canHaveSeenReason(moments, id, window), REVOKED).toBe(true);
  });
  expect(outcomes).toHaveLength(delivered);
  for (const { outcome, error } of outcomes) {
    expect(OUTCOMES).toContain(outcome.outcome);
    expect(error !== undefined).toBe(outcome.outcome === 'failed');
  }
}

/** Which moment it was when the caller of a revocation last asked for anything: what it goes by should not be older. */
function lastAskedBefore(index: number, calls: readonly SeenCall[]): number {
  const { caller } = calls[index] as SeenCall;
  return calls.findLastIndex((one, at) => at < index && one.caller === caller && one.action !== REVOKE);
}

const promisesHoldWith = (
  guard: GuardAt,
  onPlayed: (played: Played) => void = () => {},
  stories: fc.Arbitrary<Story> = arbitraryStory,
) =>
  fc.asyncProperty(stories, arbitraryScheduler(), async (story, scheduler) => {
    const played = await play(story, scheduler, guard);
    onPlayed(played);
    expectPromises(played);
  });

describe('in whatever order deliveries of events about security groups, an audit and a person come', () => {
  // Waits are part of the order: they end when the scheduler lets time pass.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  test('no disallowed rule stands that was dealt with, none is revoked without reason, and every delivery has an outcome', async () => {
    const seen = new Set<string>();

    await fc.assert(
      promisesHoldWith(
        guardAt,
        (played) => {
          const { outcomes, aws, moments, looks } = played;
          for (const { outcome } of outcomes) seen.add(outcome.outcome);
          for (const { caller, error } of aws.calls) if (caller !== 'person' && error) seen.add(error.code);
          if (standing(moments).length > 0) seen.add('stands unseen');
          if (aws.calls.some(({ caller, action, error }) => caller === 'audit' && action === REVOKE && !error)) {
            seen.add('revoked by the audit');
          }
          if (looks.some(({ byKeptIndex }) => byKeptIndex)) seen.add('by a kept index');
        },
        fc.oneof({ weight: 4, arbitrary: arbitraryStory }, { weight: 1, arbitrary: withAllowed }),
      ),
      times(300),
    );

    expect([...seen]).toEqual(
      expect.arrayContaining([
        ...['allowed', 'revoked', 'already-gone', 'failed', 'ignored'],
        ...['stands unseen', 'revoked by the audit', 'by a kept index'],
        ...['UnauthorizedOperation', 'InvalidSecurityGroupRuleId.NotFound'],
      ]),
    );
  });

  test.each(WRONG)('it is found out if the guard %s: %s', async (_, breach, wrong, stories) => {
    const property = promisesHoldWith(wrong, () => {}, stories);
    const { errorInstance } = await fc.check(property, { numRuns: 3_000, endOnFailure: true });

    expect(String(errorInstance)).toContain(breach);
  });
});
