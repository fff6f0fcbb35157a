import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { OTHER_REGION, startEndpoint, TRANSITION } from '../support/local-aws/local-endpoint.ts';
import { times } from '../support/tools/fuzz.ts';
import { arbitraryCalls, create, FIRST_GROUPS, type Model, type Real } from './arbitrary-calls.ts';
import { ReferenceElastiCache } from './reference-elasticache.ts';

const REGIONS = [REGION, OTHER_REGION];
/** Room for another one only when one of them is gone. */
const QUOTA = FIRST_GROUPS.length;

/** Every answer there is. */
const ANSWERS = [
  'CreateCacheSecurityGroup: done',
  'CreateCacheSecurityGroup: CacheSecurityGroupAlreadyExistsFault',
  'CreateCacheSecurityGroup: CacheSecurityGroupQuotaExceededFault',
  'CreateCacheSecurityGroup: InvalidParameterValueException',
  'DeleteCacheSecurityGroup: done',
  'DeleteCacheSecurityGroup: CacheSecurityGroupNotFoundFault',
  'DeleteCacheSecurityGroup: InvalidCacheSecurityGroupStateFault',
  'AuthorizeCacheSecurityGroupIngress: done',
  'AuthorizeCacheSecurityGroupIngress: AuthorizationAlreadyExistsFault',
  'AuthorizeCacheSecurityGroupIngress: CacheSecurityGroupNotFoundFault',
  'AuthorizeCacheSecurityGroupIngress: InvalidCacheSecurityGroupStateFault',
  'RevokeCacheSecurityGroupIngress: done',
  'RevokeCacheSecurityGroupIngress: AuthorizationNotFoundFault',
  'RevokeCacheSecurityGroupIngress: CacheSecurityGroupNotFoundFault',
  'RevokeCacheSecurityGroupIngress: InvalidCacheSecurityGroupStateFault',
  'DescribeCacheSecurityGroups: done',
  'DescribeCacheSecurityGroups: CacheSecurityGroupNotFoundFault',
  'ListPage: done',
  'page first',
  'page next',
];

/** A local ElastiCache with some groups, and a model of it that has the same. */
async function startWithModel(transitionMs: number, seen: Set<string>) {
  const settings = { quota: QUOTA, transitionMs };
  const endpoint = await startEndpoint(settings);
  const clients = new Map(
    REGIONS.map((region) => [
      region,
      new ElastiCacheClient({ region, endpoint: endpoint.url, credentials, maxAttempts: 1 }),
    ]),
  );
  const real: Real = {
    clientOf(region) {
      const client = clients.get(region) as ElastiCacheClient;
      // Signatures are held to the endpoint's clock.
      client.config.systemClockOffset = endpoint.clock.now() - Date.now();
      return client;
    },
    markers: new Map(),
    seen,
    advance: (ms) => endpoint.clock.advance(ms),
  };
  const model: Model = Object.fromEntries(
    REGIONS.map((region) => [
      region,
      { elastiCache: new ReferenceElastiCache({ account: ACCOUNT, region }, settings), after: '' },
    ]),
  );
  for (const name of FIRST_GROUPS) await create(REGION, name).run(model, real);
  const close = async () => {
    for (const client of clients.values()) client.destroy();
    await endpoint.close();
  };
  return { model, real, close };
}

test('the local ElastiCache answers any calls, in any order, as a plain model of it does', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(arbitraryCalls, fc.constantFrom(TRANSITION, 0), async (calls, transitionMs) => {
      const { model, real, close } = await startWithModel(transitionMs, seen);
      try {
        await fc.asyncModelRun(() => ({ model, real }), calls);
      } finally {
        await close();
      }
    }),
    times(40),
  );

  expect([...seen].sort()).toEqual(ANSWERS.toSorted());
});
