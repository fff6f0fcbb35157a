import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

/** A function of `serverless.yml`, as far as the local AWS runs it. */
export interface StackFunction {
  readonly name: string;
  /** The module and its export: `handlers/enforce-ingress.handler`. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  /** How often Lambda tries again when an asynchronous invocation fails. */
  readonly maximumRetryAttempts: number;
  /** How old an event may get, waiting for its next try. */
  readonly maximumEventAgeSeconds: number;
  /** The event patterns of the rules that invoke it. */
  readonly eventPatterns: readonly object[];
  readonly schedules: readonly Schedule[];
}

/** Invokes a function again and again. */
export interface Schedule {
  readonly everyMs: number;
  /** The event it is invoked with, in place of EventBridge's own. */
  readonly input: unknown;
}

/** Puts an event on the bus again and again, as EventBridge Scheduler does. */
export interface BusSchedule {
  readonly everyMs: number;
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
}

interface WrittenStack {
  readonly resources?: WrittenResources | readonly (WrittenResources | string)[];
  readonly provider?: { readonly timeout?: number };
  readonly functions?: Record<string, WrittenFunction>;
}
interface WrittenResources {
  readonly Resources?: Record<string, { readonly Type: string; readonly Properties: WrittenSchedule }>;
}
/** AWS::Scheduler::Schedule, as far as it puts events on the bus. */
interface WrittenSchedule {
  readonly ScheduleExpression: string;
  readonly Target?: {
    readonly EventBridgeParameters?: { readonly Source: string; readonly DetailType: string };
    readonly Input?: string;
  };
}
interface WrittenFunction {
  readonly handler: string;
  readonly timeout?: number;
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAge?: number;
  readonly events?: readonly WrittenEvent[];
}
interface WrittenEvent {
  readonly eventBridge?: { readonly pattern?: object };
  readonly schedule?: string | { readonly rate: string | readonly string[]; readonly input?: unknown };
}

/** Lambda's and the Serverless Framework's own defaults. */
const DEFAULT_TIMEOUT_SECONDS = 6;
const DEFAULT_RETRY_ATTEMPTS = 2;
const DEFAULT_EVENT_AGE_SECONDS = 6 * 60 * 60;

/**
 * Reads what the local AWS plays from `serverless.yml` itself, so that what is deployed and what is tried here cannot
 * part. Variables (`${...}`) are not resolved: what is read here must be written out there.
 */
export async function readStack(path: string): Promise<StackFunction[]> {
  const stack = parse(await readFile(path, 'utf8'), { logLevel: 'error' }) as WrittenStack;
  return Object.entries(stack.functions ?? {}).map(([name, written]) => ({
    name,
    handler: written.handler,
    timeoutSeconds: written.timeout ?? stack.provider?.timeout ?? DEFAULT_TIMEOUT_SECONDS,
    maximumRetryAttempts: written.maximumRetryAttempts ?? DEFAULT_RETRY_ATTEMPTS,
    maximumEventAgeSeconds: written.maximumEventAge ?? DEFAULT_EVENT_AGE_SECONDS,
    eventPatterns: (written.events ?? []).flatMap((event) => event.eventBridge?.pattern ?? []),
    schedules: (written.events ?? []).flatMap(({ schedule }) => {
      if (schedule === undefined) return [];
      const { rate, input } = typeof schedule === 'string' ? { rate: schedule, input: undefined } : schedule;
      return [rate].flat().map((one) => ({ everyMs: readRate(one), input }));
    }),
  }));
}

/** The schedules of `serverless.yml` that put events on the bus. Those in files that it includes are not seen. */
export async function readBusSchedules(
  path: string,
  { account, region }: { readonly account: string; readonly region: string },
): Promise<BusSchedule[]> {
  const { resources = [] } = parse(await readFile(path, 'utf8'), { logLevel: 'error' }) as WrittenStack;
  return [resources].flat().flatMap((part) => {
    if (typeof part === 'string') return [];
    return Object.values(part.Resources ?? {}).flatMap(({ Type, Properties: { ScheduleExpression, Target } }) => {
      if (Type !== 'AWS::Scheduler::Schedule' || Target?.EventBridgeParameters === undefined) return [];
      const { Source: source, DetailType: detailType } = Target.EventBridgeParameters;
      const input = (Target.Input ?? '{}')
        .replaceAll('${AWS::AccountId}', account)
        .replaceAll('${AWS::Region}', region);
      return [{ everyMs: readRate(ScheduleExpression), source, detailType, detail: JSON.parse(input) }];
    });
  });
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `rate(15 minutes)` in milliseconds. */
function readRate(rate: string): number {
  const [, count, unit = ''] = /^rate\(([1-9][0-9]*) (minute|hour|day)s?\)$/.exec(rate) ?? [];
  if (count === undefined) {
    throw new Error(`the local AWS knows schedules such as rate(15 minutes) only, not ${rate}`);
  }
  return Number(count) * (UNITS[unit] as number);
}
