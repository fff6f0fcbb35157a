import { type DeployedStack, listStackResources, type StackResource } from '../aws/cloudformation/read-stack.ts';
import type { AlarmState } from '../aws/cloudwatch/read-alarms.ts';
import type { LogLine } from '../aws/cloudwatch-logs/filter-log-events.ts';
import { OUTCOMES, type Outcome } from '../policy/outcome.ts';
import { findStack, type StackOptions, stackRegion } from './deployed-stack.ts';
import { CommandError } from './io.ts';
import { oneLine } from './one-line.ts';
import { type Decided, readDecisions } from './status-decisions.ts';

/** What is deployed, and what happened in a day. A part that could not be read is not there, and `unknown` says why. */
export interface Status {
  readonly stack: Pick<DeployedStack, 'name' | 'status'>;
  readonly account: string;
  readonly region: string;
  readonly from: Date;
  readonly to: Date;
  /** Each value, and which functions have it. */
  readonly modes?: Values;
  readonly allowlists?: Values;
  readonly regions?: Values;
  /** How often each heartbeat came, and how many audits evaluated everything. */
  readonly signsOfLife?: {
    readonly enforceIngress: number;
    readonly enforceSecurityGroup: number;
    readonly throughCloudTrail: number;
    readonly audits: number;
  };
  /** New grants by outcome, without those that are zero. */
  readonly outcomes?: Readonly<Partial<Record<Outcome, number>>>;
  readonly decided?: Decided;
  readonly alarms?: { readonly on: readonly AlarmState[]; readonly withoutData: number; readonly all: number };
  readonly unknown: readonly string[];
}

export type Values = ReadonlyMap<string, readonly string[]>;

const DAY_MS = 86_400_000;
/** How many decisions of one function are read at most. */
const MOST_LINES = 10_000;
/** The decisions that are looked at: those that say what stands, and those that say that something stands no more. */
const PATTERN =
  '{ $.message = "decision" && ($.outcome = "held" || $.outcome = "failed" || $.outcome = "rejected" || $.outcome = "revoked" || $.outcome = "already-gone") }';

/**
 * Reads what is deployed, and what happened in the last day.
 *
 * @throws {CommandError} if there is no such stack, or CloudFormation does not say. What else cannot be read is in `unknown`.
 */
export async function readStatus(options: StackOptions): Promise<Status> {
  const region = stackRegion(options);
  const stack = await findStack(options);
  const to = new Date();
  const from = new Date(to.getTime() - DAY_MS);
  const unknown: string[] = [];
  /** What could not be read does not keep the rest from being read. */
  const read = async <Value>(what: string, reading: Promise<Value>): Promise<Value | undefined> => {
    try {
      return await reading;
    } catch (error) {
      const { name, message } = error as Error;
      unknown.push(oneLine(`${what}: ${error instanceof CommandError ? message : `${name}: ${message}`}`, 400));
      return undefined;
    }
  };
  const resources = await read('the resources of the stack', listStackResources({ region }, stack.name));
  const of = (type: string) => (resources ?? []).filter((one: StackResource) => one.type === type);
  const [functions, counted, decided, alarms] = await Promise.all([
    resources && read('the functions', readFunctions(region, of('AWS::Lambda::Function'))),
    read('the metrics', readMetrics(region, from, to)),
    resources && readLogs(region, of('AWS::Logs::LogGroup'), from, read, unknown),
    resources && read('the alarms', readAlarmsOf(region, of('AWS::CloudWatch::Alarm'))),
  ]);
  return {
    stack: { name: stack.name, status: stack.status },
    account: stack.outputs.AlertTopicArn?.split(':')[4] ?? 'unknown',
    region,
    from,
    to,
    ...functions,
    ...counted,
    ...(decided && { decided }),
    ...(alarms && { alarms }),
    unknown,
  };
}

/** A stack that is deployed in part, or deleted in part. */
const NONE = new CommandError('the stack has none');

type Read = <Value>(what: string, reading: Promise<Value>) => Promise<Value | undefined>;

async function readFunctions(region: string, functions: readonly StackResource[]) {
  if (functions.length === 0) throw NONE;
  const { readFunction } = await import('../aws/lambda/read-function.ts');
  const found = await Promise.all(
    functions.map(async ({ physicalId: name }) => {
      const configuration = await readFunction({ region }, name);
      if (configuration === undefined) throw new CommandError(`there is no function ${name}`);
      return { name, environment: configuration.environment };
    }),
  );
  const values = (variable: string): Values => {
    const having = found.filter(({ environment }) => environment[variable] !== undefined);
    const names = Map.groupBy(having, ({ environment }) => environment[variable] as string);
    return new Map([...names].map(([value, all]) => [value, all.map(({ name }) => name)]));
  };
  return {
    modes: values('INGRESS_GUARD_MODE'),
    allowlists: values('INGRESS_GUARD_ALLOWLIST'),
    regions: values('INGRESS_GUARD_REGIONS'),
  };
}

async function readMetrics(region: string, from: Date, to: Date): Promise<Pick<Status, 'signsOfLife' | 'outcomes'>> {
  const { sumMetrics } = await import('../aws/cloudwatch/sum-metrics.ts');
  const signs = ['Heartbeat', 'SecurityGroupHeartbeat', 'CloudTrailHeartbeat', 'AuditFinished'].map((name) => ({
    name,
  }));
  const metrics = [...signs, ...OUTCOMES.map((outcome) => ({ name: 'Outcomes', outcome }))];
  const [enforceIngress = 0, enforceSecurityGroup = 0, throughCloudTrail = 0, audits = 0, ...counts] = await sumMetrics(
    { region },
    metrics,
    from,
    to,
  );
  const counted = OUTCOMES.map((outcome, at) => [outcome, counts[at] ?? 0] as const);
  return {
    signsOfLife: { enforceIngress, enforceSecurityGroup, throughCloudTrail, audits },
    outcomes: Object.fromEntries(counted.filter(([, count]) => count > 0)),
  };
}

/** Of each log as much as can be read. */
async function readLogs(
  region: string,
  groups: readonly StackResource[],
  from: Date,
  read: Read,
  unknown: string[],
): Promise<Decided | undefined> {
  if (groups.length === 0) {
    unknown.push(`the logs: ${NONE.message}`);
    return undefined;
  }
  const { logsAt } = await import('../aws/cloudwatch-logs/filter-log-events.ts');
  const logs = logsAt({ region });
  try {
    const lines = await Promise.all(
      groups.map(async ({ physicalId: logGroup }): Promise<readonly LogLine[] | undefined> => {
        const wanted = { logGroup, from, pattern: PATTERN, most: MOST_LINES };
        const found = await read(`the log ${logGroup}`, logs.filter(wanted));
        if (found?.isWhole === false) {
          unknown.push(`the log ${logGroup}: it has more than ${MOST_LINES} decisions, and the first ones were read`);
        }
        return found?.lines;
      }),
    );
    const readable = lines.filter((one) => one !== undefined);
    if (readable.length === 0) return undefined;
    const decided = readDecisions(readable.flat());
    if (decided.unreadable > 0) unknown.push(`${decided.unreadable} decision lines, which another version wrote`);
    return decided;
  } finally {
    logs.close();
  }
}

async function readAlarmsOf(region: string, resources: readonly StackResource[]) {
  if (resources.length === 0) throw NONE;
  const { readAlarms } = await import('../aws/cloudwatch/read-alarms.ts');
  const names = resources.map(({ physicalId }) => physicalId);
  const alarms = await readAlarms({ region }, names);
  const missing = names.filter((name) => !alarms.some((alarm) => alarm.name === name));
  if (missing.length > 0) throw new CommandError(`there is no alarm ${missing.join(', ')}: deploy again`);
  return {
    on: alarms.filter(({ state }) => state === 'ALARM'),
    withoutData: alarms.filter(({ state }) => state === 'INSUFFICIENT_DATA').length,
    all: alarms.length,
  };
}
