import { onTestFinished } from 'vitest';
import type { ApiCall, EndpointSettings } from '../../../src/local/api-endpoint.ts';
import type { BusEvent } from '../../../src/local/cloudtrail-record.ts';
import type { LocalFunction } from '../../../src/local/invocations.ts';
import type { Attempt, Mishap } from '../../../src/local/lambda.ts';
import { type LocalAws, startLocalAws } from '../../../src/local/local-aws.ts';
import { ACCOUNT, REGION } from '../examples/grants.ts';
import type { Answer } from '../scripted/answers.ts';
import { SteppedClock } from '../time/stepped-clock.ts';
import { signInHeaders } from '../wire/sign.ts';
import { credentials } from './local-elasticache.ts';
import { CREATING, OTHER_REGION, type ServiceName, send, TRANSITION, toRequest } from './local-endpoint.ts';

/** A local AWS for one test, on a clock that only `clock.advance` moves. */
export interface StartedAws {
  readonly aws: LocalAws;
  readonly clock: SteppedClock;
  /** What the local AWS told of so far. */
  readonly calls: readonly ApiCall[];
  readonly events: readonly BusEvent[];
  readonly attempts: readonly { readonly functionName: string; readonly attempt: Attempt; readonly number: number }[];
  /** Makes a signed call over HTTP; to ElastiCache, if nothing else is said. */
  call(
    action: string,
    parameters?: Readonly<Record<string, string>>,
    region?: string,
    service?: ServiceName,
  ): Promise<Answer>;
}

export async function startAws(settings: Partial<EndpointSettings> = {}): Promise<StartedAws> {
  const clock = new SteppedClock();
  const aws = await startLocalAws(
    {
      port: 0,
      accountId: ACCOUNT,
      regions: [REGION, OTHER_REGION],
      transitionMs: TRANSITION,
      creatingMs: CREATING,
      credentials,
      ...settings,
    },
    clock,
  );
  onTestFinished(() => aws.close());
  const calls: ApiCall[] = [];
  const events: BusEvent[] = [];
  const attempts: StartedAws['attempts'][number][] = [];
  aws.events.on('call', (call) => calls.push(call));
  aws.events.on('event', (event) => events.push(event));
  aws.events.on('attempt', (attempt) => attempts.push(attempt));
  const call: StartedAws['call'] = async (action, parameters, region = REGION, service = 'elasticache') => {
    const as = { ...settings.credentials, region, service, date: new Date(clock.now()) };
    return send(aws.url, await signInHeaders(aws.url, toRequest(action, parameters, { service }), as));
  };
  return { aws, clock, calls, events, attempts, call };
}

/** What a function was invoked with. */
export interface Invocation {
  readonly event: unknown;
  readonly requestId: string;
  readonly mishap: Mishap | undefined;
}

/** A function in this process, invoked for every event of ElastiCache, that does as `answer` says. */
export function recordingFunction(
  changes: Partial<LocalFunction> = {},
  answer: (number: number) => Attempt = () => ({ result: null }),
): LocalFunction & { readonly invocations: readonly Invocation[] } {
  const invocations: Invocation[] = [];
  return {
    name: 'recorder',
    handler: 'recorder.handler',
    timeoutSeconds: 6,
    maximumRetryAttempts: 2,
    maximumEventAgeSeconds: 21_600,
    eventPatterns: [{ source: ['aws.elasticache'] }],
    schedules: [],
    reportsSuccess: false,
    ...changes,
    invocations,
    invoke: async (event, requestId, mishap) => {
      invocations.push({ event, requestId, mishap });
      return answer(invocations.length);
    },
  };
}
