import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import fc from 'fast-check';
import { vi } from 'vitest';
import { ec2Client } from '../../../src/aws/ec2/client.ts';
import { elastiCacheClient } from '../../../src/aws/elasticache/client.ts';
import { Accounts } from '../../../src/local/accounts.ts';
import { ApiError } from '../../../src/local/api-error.ts';
import { ec2 } from '../../../src/local/ec2/ec2.ts';
import { elastiCache } from '../../../src/local/elasticache/elasticache.ts';
import { fractionFrom } from '../../../src/local/faults.ts';
import type { Operation } from '../../../src/local/operation.ts';
import type { AccountSettings, Region } from '../../../src/local/region.ts';
import type { ApiCall, Service } from '../../../src/local/service.ts';
import { ACCOUNT, REGION } from '../examples/grants.ts';
import { ManualClock } from '../time/manual-clock.ts';
import { credentials } from './local-elasticache.ts';
import { TRANSITION } from './local-endpoint.ts';

/** What goes wrong with a call: it has no effect and is refused for good, or its connection is cut before or after the effect. */
export type Fault = 'none' | 'denied' | 'cut before' | 'cut after';

/** A call that reached AWS: who made it, and what came of it. */
export type SeenCall = ApiCall & { readonly caller: string };

/**
 * The local ElastiCache and EC2, in this process: their own operations and their own XML, and the SDK's clients, but no
 * socket between them. Each call waits for the scheduler on its way there and again on its way back, so that between any two calls
 * anything can happen that the scheduler thinks of. Nothing else is left to chance: the random waits of the SDK between two
 * tries are the same in each run.
 */
export interface ScheduledAws {
  readonly clock: ManualClock;
  /** All that the account has. */
  readonly region: Region;
  /** Clients as the product makes them, whose calls come here. */
  readonly elastiCacheClient: ElastiCacheClient;
  readonly ec2Client: EC2Client;
  /** The calls so far, in the order of their effects. */
  readonly calls: readonly SeenCall[];
  /** Makes a call without the SDK. Gives what it was answered, also if that is an error. */
  call(action: string, parameters: Readonly<Record<string, string>>): Promise<SeenCall>;
  /** Runs somebody's part; the calls in it are told to be theirs. */
  as<Result>(caller: string, part: () => Promise<Result>): Promise<Result>;
}

/** Lets all that follows from a step happen, the SDK's many small steps too, before the next one is chosen. */
export const arbitraryScheduler = () =>
  fc.scheduler({
    act: async (step) => {
      await step();
      await nextTurn();
    },
  });

export interface HowToStart {
  /** What goes wrong with the SDK's calls, in their order; nothing with those after. */
  readonly faults: readonly Fault[];
  readonly settings?: Partial<AccountSettings>;
  /**
   * Makes calls that wait for nobody's turn. The first call of each client must be among them: it looks for its settings in
   * files, which takes real time.
   */
  readonly prepare: (aws: ScheduledAws) => Promise<unknown>;
  /** Is told of each call right after its effect. */
  readonly onCall?: (call: SeenCall) => void;
}

export async function startScheduledAws(
  scheduler: fc.Scheduler,
  { faults, settings, prepare, onCall }: HowToStart,
): Promise<ScheduledAws> {
  let draws = 0;
  vi.spyOn(Math, 'random').mockImplementation(() => fractionFrom(String(draws++)));
  const clock = new ManualClock();
  const all = { accountId: ACCOUNT, regions: [REGION], transitionMs: TRANSITION, ...settings };
  const accounts = new Accounts(all, clock);
  const account = accounts.home;
  const region = account.region(REGION) as Region;
  const principal = account.user;
  const callers = new AsyncLocalStorage<string>();
  const calls: SeenCall[] = [];
  const faultsToCome = [...faults];
  let scheduled = false;

  const turn = async (way: string): Promise<void> => {
    if (scheduled) await scheduler.schedule(Promise.resolve(), `${callers.getStore()}: ${way}`);
  };

  function run(action: string, parameters: ReadonlyMap<string, string>, fault: Fault): SeenCall {
    const service = serviceOf(action);
    const operation = service.operations.get(action) as Operation;
    const { readOnly } = operation;
    const about = {
      requestId: String(calls.length),
      region: REGION,
      userAgent: 'test',
      sourceIp: '127.0.0.1',
      principal,
    };
    const made = { ...about, service, action, parameters, readOnly };
    let result: object | undefined;
    let error: ApiError | undefined;
    try {
      if (fault === 'denied') throw new ApiError('AccessDenied', 'Not permitted.', 403);
      const context = {
        caller: principal,
        account,
        accounts,
        now: clock.now(),
        putEvent: () => {},
        invoke: () => false,
      };
      result = operation.run(parameters, region, context);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      error = service.inItsWords(thrown);
    }
    const call = { ...made, caller: callers.getStore() ?? '', result, error };
    calls.push(call);
    onCall?.(call);
    return call;
  }

  const config = {
    region: REGION,
    credentials,
    endpoint: 'http://aws.test',
    requestHandler: {
      async handle({ body: form }: HttpRequest) {
        const { Action: action = '', ...parameters } = Object.fromEntries(new URLSearchParams(form));
        const fault = scheduled ? (faultsToCome.shift() ?? 'none') : 'none';
        await turn(`asks ${action}${fault === 'none' ? '' : ` (${fault})`}`);
        if (fault === 'cut before') throw cut();
        const { service, error, result, requestId } = run(action, new Map(Object.entries(parameters)), fault);
        await turn(`hears ${error?.code ?? 'done'}`);
        if (fault === 'cut after') throw cut();
        const answer =
          error === undefined ? service.toAnswer(action, result, requestId) : service.toErrorAnswer(error, requestId);
        const headers = { ...answer.headers, 'x-amzn-requestid': requestId };
        // A stream, as from HTTP.
        const body = Readable.from([Buffer.from(answer.body)]);
        return { response: new HttpResponse({ statusCode: error?.status ?? 200, headers, body }) };
      },
    },
  };
  const [elastiCacheHere, ec2Here] = [elastiCacheClient(config), ec2Client(config)];
  const aws: ScheduledAws = {
    clock,
    region,
    elastiCacheClient: elastiCacheHere,
    ec2Client: ec2Here,
    calls,
    async call(action, parameters) {
      await turn(`asks ${action}`);
      return run(action, new Map(Object.entries(parameters)), 'none');
    },
    as: (caller, part) => callers.run(caller, part),
  };
  await prepare(aws);
  calls.length = 0;
  scheduled = true;
  return aws;
}

/** No two operations are called the same. */
function serviceOf(action: string): Service {
  return ec2.operations.has(action) ? ec2 : elastiCache;
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
