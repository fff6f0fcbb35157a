import { RevokeCacheSecurityGroupIngressCommand } from '@aws-sdk/client-elasticache';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { meaningOf } from '../../src/aws/elasticache/api-errors.ts';
import { listGrants } from '../../src/aws/elasticache/list-grants.ts';
import { revokeIngress } from '../../src/aws/elasticache/revoke-ingress.ts';
import { OUTCOMES } from '../../src/policy/outcome.ts';
import { STRANGER } from '../support/examples/grants.ts';
import { arbitraryScheduler, type ScheduledAws } from '../support/local-aws/scheduled-aws.ts';
import { collect } from '../support/tools/collect.ts';
import { times } from '../support/tools/fuzz.ts';
import {
  AUTHORIZE,
  arbitraryStory,
  type Guard,
  type Played,
  play,
  REVOKE,
  type Story,
  statusOf,
  withAllowed,
} from './stories.ts';

type GuardAt = (elastiCache: ScheduledAws) => Guard;

const guardAt: GuardAt = ({ elastiCacheClient }) => ({
  revokeGrant: (grant) => revokeIngress(elastiCacheClient, grant, new Date(Date.now() + 60_000)),
});

const STANDS = 'a disallowed grant stands that was seen since';
const REVOKED = 'an allowed grant was revoked by us';

/** Guards that are wrong, each in one way, what comes of it, and the stories that bring it to light soon. */
const WRONG: readonly (readonly [string, string, GuardAt, fc.Arbitrary<Story>])[] = [
  [
    'takes a group that is being changed for a grant that is gone',
    STANDS,
    ({ elastiCacheClient }) => ({
      async revokeGrant({ target, source }) {
        const command = new RevokeCacheSecurityGroupIngressCommand({
          CacheSecurityGroupName: target.cacheSecurityGroupName,
          EC2SecurityGroupName: source.ec2SecurityGroupName,
          EC2SecurityGroupOwnerId: source.ec2SecurityGroupOwnerId,
        });
        await elastiCacheClient.send(command).catch((error) => {
          if (meaningOf(error) === undefined) throw error;
        });
        return { result: 'already-gone' };
      },
    }),
    arbitraryStory,
  ],
  [
    'takes an error for an answer',
    STANDS,
    (aws) => ({
      revokeGrant: (grant) =>
        guardAt(aws)
          .revokeGrant(grant)
          .catch(() => ({ result: 'already-gone' })),
    }),
    arbitraryStory,
  ],
  [
    'revokes every grant of the group',
    REVOKED,
    (aws) => ({
      async revokeGrant(grant) {
        const pages = await collect(listGrants(aws.elastiCacheClient));
        const listed = pages.flatMap(({ grants }) => grants.flatMap((one) => one.grant ?? []));
        for (const other of listed) await guardAt(aws).revokeGrant(other);
        return await guardAt(aws).revokeGrant(grant);
      },
    }),
    arbitraryStory,
  ],
  [
    'does not ask again whether the allowlist is still the same',
    REVOKED,
    (aws) => ({
      ...guardAt(aws),
      readPolicy(read) {
        let first: ReturnType<typeof read> | undefined;
        return () => {
          first ??= read();
          return first;
        };
      },
    }),
    withAllowed,
  ],
];

/**
 * Whether a delivery or an audit that dealt with the stranger's grant began after that was authorized, and the allowlist closed, for the
 * last time.
 */
function wasSeenSince({ elastiCache: { calls }, looks, edited }: Played): boolean {
  const authorized = calls.findLastIndex(
    ({ action, error, parameters }) =>
      action === AUTHORIZE && error === undefined && parameters.get('EC2SecurityGroupOwnerId') === STRANGER,
  );
  if (authorized < 0 || edited.isOpen) return false;
  const since = Math.max(authorized + 1, edited.at);
  return looks.some(({ began, dealtWith }) => began >= since && dealtWith.includes(STRANGER));
}

function expectPromises(played: Played): void {
  const { elastiCache, outcomes, delivered, revokedWhenOpen } = played;
  if (wasSeenSince(played)) expect([undefined, 'revoking'], STANDS).toContain(statusOf(elastiCache, 'web', STRANGER));
  const ours = elastiCache.calls.filter(({ caller, action }) => caller !== 'person' && action === REVOKE);
  expect(
    ours.filter(({ parameters }) => parameters.get('EC2SecurityGroupOwnerId') !== STRANGER),
    REVOKED,
  ).toEqual([]);
  expect(revokedWhenOpen, REVOKED).not.toContain(true);
  expect(outcomes).toHaveLength(delivered);
  for (const { outcome, error } of outcomes) {
    expect(OUTCOMES).toContain(outcome.outcome);
    expect(error !== undefined).toBe(outcome.outcome === 'failed');
  }
}

const promisesHoldWith = (
  how: GuardAt,
  onPlayed: (played: Played) => void = () => {},
  stories: fc.Arbitrary<Story> = arbitraryStory,
) =>
  fc.asyncProperty(stories, arbitraryScheduler(), async (story, scheduler) => {
    const played = await play(story, scheduler, how);
    onPlayed(played);
    expectPromises(played);
  });

describe('in whatever order deliveries of events, an audit and a person come', () => {
  // Waits are part of the order: they end when the scheduler lets time pass.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  test('no disallowed grant stands that was seen since, no allowed one is revoked, and every delivery has an outcome', async () => {
    const seen = new Set<string>();

    await fc.assert(
      promisesHoldWith(guardAt, (played) => {
        for (const { outcome } of played.outcomes) seen.add(outcome.outcome);
        for (const { caller, error } of played.elastiCache.calls)
          if (caller !== 'person' && error) seen.add(error.code);
        const stands = statusOf(played.elastiCache, 'web', STRANGER) !== undefined;
        if (played.edited.isOpen) seen.add('open in the end');
        seen.add(wasSeenSince(played) ? 'seen since' : stands ? 'stands unseen' : 'gone unseen');
      }),
      times(300),
    );

    expect([...seen]).toEqual(
      expect.arrayContaining([
        ...['allowed', 'revoked', 'already-gone', 'failed'],
        ...['seen since', 'stands unseen', 'gone unseen', 'open in the end'],
        ...['InvalidCacheSecurityGroupState', 'AuthorizationNotFound', 'AccessDenied'],
      ]),
    );
  });

  test.each(WRONG)('it is found out if a guard %s: %s', async (_, breach, wrong, stories) => {
    const { errorInstance } = await fc.check(
      promisesHoldWith(wrong, () => {}, stories),
      { numRuns: 2_000, endOnFailure: true },
    );

    expect(String(errorInstance)).toContain(breach);
  });
});
