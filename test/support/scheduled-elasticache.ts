import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DescribeCacheSecurityGroupsCommand } from '@aws-sdk/client-elasticache';
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import fc from 'fast-check';
import { vi } from 'vitest';
import { type ClientForRegion, elastiCacheClients } from '../../src/elasticache/clients.ts';
import { ApiError } from '../../src/local/api-error.ts';
import { elastiCache as service } from '../../src/local/elasticache/elasticache.ts';
import type { Operation } from '../../src/local/operation.ts';
import { openRegion } from '../../src/local/region.ts';
import type { ApiCall } from '../../src/local/service.ts';
import { ACCOUNT, REGION } from './grants.ts';
import { credentials } from './local-elasticache.ts';
import { TRANSITION } from './local-endpoint.ts';
import { ManualClock } from './manual-clock.ts';

/** What goes wrong with a call: it has no effect and is refused for good, or its connection is cut before or after the effect. */
export type Fault = 'none' | 'denied' | 'cut before' | 'cut after';

/** A call that reached ElastiCache: who made it, and what came of it. */
export type SeenCall = ApiCall & { readonly caller: string };

/**
 * The local ElastiCache, in this process: its own operations and its own XML, and the SDK's client, but no socket between
 * them. Each call waits for the scheduler on its way there and again on its way back, so that between any two calls
 * anything can happen that the scheduler thinks of.
 */
export interface ScheduledElastiCache {
  readonly clock: ManualClock;
  /** Clients as the product makes them, whose calls come here. */
  readonly clientFor: ClientForRegion;
  /** The calls so far, in the order of their effects. */
  readonly calls: readonly SeenCall[];
  /** Makes a call without the SDK. Gives what it was answered, also if that is an error. */
  call(action: string, parameters: Readonly<Record<string, string>>): Promise<SeenCall>;
  /** Runs somebody's part; the calls in it are told to be theirs. */
  as<Result>(caller: string, part: () => Promise<Result>): Promise<Result>;
  /** The status of a grant of `sessions`, as it is now. */
  statusOf(ec2SecurityGroupName: string, ownerId: string): string | undefined;
}

/** Lets all that follows from a step happen, the SDK's many small steps too, before the next one is chosen. */
export const arbitraryScheduler = () =>
  fc.scheduler({
    act: async (step) => {
      await step();
      await nextTurn();
    },
  });

/**
 * @param faults what goes wrong with the SDK's calls, in their order; nothing with those after.
 */
export async function startScheduledElastiCache(
  scheduler: fc.Scheduler,
  faults: readonly Fault[],
): Promise<ScheduledElastiCache> {
  const clock = new ManualClock();
  const region = openRegion(REGION, { accountId: ACCOUNT, transitionMs: TRANSITION }, clock);
  const callers = new AsyncLocalStorage<string>();
  const calls: SeenCall[] = [];
  const faultsToCome = [...faults];
  let scheduled = false;

  const turn = async (way: string): Promise<void> => {
    if (scheduled) await scheduler.schedule(Promise.resolve(), `${callers.getStore()}: ${way}`);
  };

  function run(action: string, parameters: ReadonlyMap<string, string>, fault: Fault): SeenCall {
    const operation = service.operations.get(action) as Operation;
    const { readOnly } = operation;
    const about = { requestId: String(calls.length), region: REGION, userAgent: 'test', sourceIp: '127.0.0.1' };
    const made = { ...about, service, action, parameters, readOnly };
    let result: object | undefined;
    let error: ApiError | undefined;
    try {
      if (fault === 'denied') throw new ApiError('AccessDenied', 'Not permitted.', 403);
      result = operation.run(parameters, region, made);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      error = thrown;
    }
    const call = { ...made, caller: callers.getStore() ?? '', result, error };
    calls.push(call);
    return call;
  }

  const clientFor = elastiCacheClients({
    credentials,
    endpoint: 'http://elasticache.test',
    requestHandler: {
      async handle({ body }: HttpRequest) {
        const { Action: action = '', ...parameters } = Object.fromEntries(new URLSearchParams(body));
        const fault = scheduled ? (faultsToCome.shift() ?? 'none') : 'none';
        await turn(`asks ${action}${fault === 'none' ? '' : ` (${fault})`}`);
        if (fault === 'cut before') throw cut();
        const { error, result, requestId } = run(action, new Map(Object.entries(parameters)), fault);
        await turn(`hears ${error?.code ?? 'done'}`);
        if (fault === 'cut after') throw cut();
        const xml =
          error === undefined ? service.toResponseXml(action, result, requestId) : service.toErrorXml(error, requestId);
        const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
        return { response: new HttpResponse({ statusCode: error?.status ?? 200, headers, body: Buffer.from(xml) }) };
      },
    },
  });
  // The first call of a client looks for its settings in files, which takes real time.
  await clientFor(REGION).send(new DescribeCacheSecurityGroupsCommand());
  calls.length = 0;
  scheduled = true;

  return {
    clock,
    clientFor,
    calls,
    async call(action, parameters) {
      await turn(`asks ${action}`);
      return run(action, new Map(Object.entries(parameters)), 'none');
    },
    as: (caller, part) => callers.run(caller, part),
    statusOf: (ec2SecurityGroupName, ownerId) =>
      region.cacheSecurityGroups
        .list('', 100)
        .find(({ CacheSecurityGroupName }) => CacheSecurityGroupName === 'sessions')
        ?.EC2SecurityGroups.find(
          (grant) => grant.EC2SecurityGroupName === ec2SecurityGroupName && grant.EC2SecurityGroupOwnerId === ownerId,
        )?.Status,
  };
}

/**
 * Time, as one more of those whose turn it is: with each of its steps half a transition passes, and whoever waits for less
 * wakes. It goes on until all others have ended. Needs `setTimeout` to be vitest's.
 */
export async function passTime(scheduler: fc.Scheduler, clock: ManualClock, others: Promise<unknown>): Promise<void> {
  let ended = false;
  const end = () => {
    ended = true;
  };
  others.then(end, end);
  while (!ended) {
    await scheduler.schedule(Promise.resolve(), 'time passes');
    clock.advance(TRANSITION / 2);
    vi.advanceTimersByTime(TRANSITION / 2);
  }
}

function cut(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}
