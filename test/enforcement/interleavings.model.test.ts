import { RevokeCacheSecurityGroupIngressCommand } from '@aws-sdk/client-elasticache';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { meaningOf } from '../../src/aws/elasticache/api-errors.ts';
import { listGrants } from '../../src/aws/elasticache/list-grants.ts';
import { revokeIngress } from '../../src/aws/elasticache/revoke-ingress.ts';
import type { ClassicPorts } from '../../src/enforcement/ports.ts';
import { OUTCOMES } from '../../src/policy/outcome.ts';
import { STRANGER } from '../support/examples/grants.ts';
import { arbitraryScheduler, type ScheduledAws } from '../support/local-aws/scheduled-aws.ts';
import { collect } from '../support/tools/collect.ts';
import { times } from '../support/tools/fuzz.ts';
import { AUTHORIZE, arbitraryStory, type Played, play, REVOKE, statusOf } from './stories.ts';

type RevokeAt = (elastiCache: ScheduledAws) => ClassicPorts['revokeGrant'];

const revokeAt: RevokeAt =
  ({ elastiCacheClient }) =>
  (grant) =>
    revokeIngress(elastiCacheClient, grant, new Date(Date.now() + 60_000));

const STANDS = 'a disallowed grant stands that was seen since';
const REVOKED = 'an allowed grant was revoked by us';

/** Revocations that are wrong, each in one way, and what comes of it. */
const WRONG: readonly (readonly [string, string, RevokeAt])[] = [
  [
    'takes a group that is being changed for a grant that is gone',
    STANDS,
    ({ elastiCacheClient }) =>
      async ({ target, source }) => {
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
  ],
  [
    'takes an error for an answer',
    STANDS,
    (elastiCache) => (grant) => revokeAt(elastiCache)(grant).catch(() => ({ result: 'already-gone' })),
  ],
  [
    'revokes every grant of the group',
    REVOKED,
    (elastiCache) => async (grant) => {
      const pages = await collect(listGrants(elastiCache.elastiCacheClient));
      const listed = pages.flatMap(({ grants }) => grants.flatMap((one) => one.grant ?? []));
      for (const other of listed) await revokeAt(elastiCache)(other);
      return await revokeAt(elastiCache)(grant);
    },
  ],
];

/** Whether a delivery or an audit that dealt with the stranger's grant began after that was authorized for the last time. */
function wasSeenSince({ elastiCache: { calls }, looks }: Played): boolean {
  const authorized = calls.findLastIndex(
    ({ action, error, parameters }) =>
      action === AUTHORIZE && error === undefined && parameters.get('EC2SecurityGroupOwnerId') === STRANGER,
  );
  return authorized >= 0 && looks.some(({ began, dealtWith }) => began > authorized && dealtWith.includes(STRANGER));
}

function expectPromises(played: Played): void {
  const { elastiCache, outcomes, delivered } = played;
  if (wasSeenSince(played)) expect([undefined, 'revoking'], STANDS).toContain(statusOf(elastiCache, 'web', STRANGER));
  const ours = elastiCache.calls.filter(({ caller, action }) => caller !== 'person' && action === REVOKE);
  expect(
    ours.filter(({ parameters }) => parameters.get('EC2SecurityGroupOwnerId') !== STRANGER),
    REVOKED,
  ).toEqual([]);
  expect(outcomes).toHaveLength(delivered);
  for (const { outcome, error } of outcomes) {
    expect(OUTCOMES).toContain(outcome.outcome);
    expect(error !== undefined).toBe(outcome.outcome === 'failed');
  }
}

const promisesHoldWith = (how: RevokeAt, onPlayed: (played: Played) => void = () => {}) =>
  fc.asyncProperty(arbitraryStory, arbitraryScheduler(), async (story, scheduler) => {
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
      promisesHoldWith(revokeAt, (played) => {
        for (const { outcome } of played.outcomes) seen.add(outcome.outcome);
        for (const { caller, error } of played.elastiCache.calls)
          if (caller !== 'person' && error) seen.add(error.code);
        const stands = statusOf(played.elastiCache, 'web', STRANGER) !== undefined;
        seen.add(wasSeenSince(played) ? 'seen since' : stands ? 'stands unseen' : 'gone unseen');
      }),
      times(300),
    );

    expect([...seen]).toEqual(
      expect.arrayContaining([
        ...['allowed', 'revoked', 'already-gone', 'failed'],
        ...['seen since', 'stands unseen', 'gone unseen'],
        ...['InvalidCacheSecurityGroupState', 'AuthorizationNotFound', 'AccessDenied'],
      ]),
    );
  });

  test.each(WRONG)('it is found out if the revocation %s: %s', async (_, breach, wrong) => {
    const { errorInstance } = await fc.check(promisesHoldWith(wrong), { numRuns: 2_000, endOnFailure: true });

    expect(String(errorInstance)).toContain(breach);
  });
});
