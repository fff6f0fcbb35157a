import { onTestFinished, vi } from 'vitest';
import { type ApiCall, type EndpointSettings, startApiEndpoint } from '../../../src/local/api-endpoint.ts';
import { ACCOUNT, REGION, STRANGER } from '../examples/grants.ts';
import { stubEnvironment } from '../functions/aws-environment.ts';
import { ManualClock } from '../time/manual-clock.ts';
import { administratorOf } from './local-elasticache.ts';

/**
 * An ElastiCache, which the SDK in this process finds by its own environment variables: `web` of the account and of a
 * stranger are let into `sessions`.
 */
export async function startElastiCacheWithGrants(settings: Partial<EndpointSettings> = {}) {
  const clock = new ManualClock();
  const calls: ApiCall[] = [];
  const endpoint = await startApiEndpoint(
    { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: 60_000, ...settings },
    clock,
    (call) => calls.push(call),
  );
  onTestFinished(() => endpoint.close());
  const environment = {
    AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url,
    AWS_ENDPOINT_URL_EC2: endpoint.url,
    AWS_ENDPOINT_URL_STS: endpoint.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  stubEnvironment(environment);
  // What is imported from now on makes clients of its own, for this endpoint.
  vi.resetModules();
  const administrator = administratorOf(endpoint.url);
  if (settings.vpcOnly !== true) {
    await administrator.create();
    for (const owner of [ACCOUNT, STRANGER]) await administrator.authorize('web', owner);
    clock.advance(60_000);
  }
  calls.length = 0;
  return { url: endpoint.url, environment, administrator, calls, clock };
}
