import type { ApiEndpoint } from './api-endpoint.ts';
import { type Clock, repeat } from './clock.ts';
import type { Service } from './service.ts';
import { findService } from './services.ts';
import { type CallBody, callApi, type SignedAs } from './signed-call.ts';
import type { CallSchedule } from './stack.ts';
import type { UnderWay } from './under-way.ts';

/**
 * Whether EventBridge Scheduler can make a call here. Documented: it makes none of operations that only read. The operation of a
 * universal target is written as in the ARN.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
 *
 * @throws if the call is of another kind, or the local AWS does not know it.
 */
export function checkScheduledCall({ service, action, input }: CallSchedule): void {
  const known = findService(service);
  const operation = known?.operations.get(action);
  if (known === undefined || operation === undefined || operation.readOnly) {
    throw new Error(`the local Scheduler cannot call ${service}:${action}: it is not there, or it only reads`);
  }
  writeBody(known, action, input);
}

/** Makes the call of a schedule again and again, each with a session of its role. */
export async function repeatScheduledCall(
  { everyMs, roleArn, ...call }: CallSchedule & { readonly roleArn: string },
  { url, accounts }: Pick<ApiEndpoint, 'url' | 'accounts'>,
  {
    region,
    clock,
    ending,
    underWay,
  }: { readonly region: string; readonly clock: Clock; readonly ending: AbortSignal; readonly underWay: UnderWay },
): Promise<void> {
  const role = accounts.home.roles.find(roleArn);
  if (role === undefined) throw new Error(`there is no role ${roleArn}`);
  await repeat(everyMs, clock, ending, () => {
    const session = { name: 'scheduler', now: clock.now(), durationMs: 3_600_000 };
    const { credentials } = accounts.sessions.issue(role, session);
    const as = { credentials, region, date: new Date(session.now) };
    return underWay.track(makeScheduledCall(url, call, as, ending));
  });
}

/**
 * Makes the call of a schedule with the credentials of its role. What it is answered, EventBridge Scheduler does not say: it ends
 * without an error, and CloudTrail has the call.
 */
export async function makeScheduledCall(
  endpoint: string,
  { service, action, input }: Pick<CallSchedule, 'service' | 'action' | 'input'>,
  as: Pick<SignedAs, 'credentials' | 'region' | 'date'>,
  signal: AbortSignal,
): Promise<void> {
  const known = findService(service);
  if (known === undefined) throw new Error(`the local AWS has no service ${service}`);
  const who = { ...as, service, userAgent: 'AmazonEventBridgeScheduler' };
  await callApi(endpoint, who, writeBody(known, action, input), signal).catch((error: Error) => {
    // A connection that is cut is a fault that someone asked for, or the end.
    if (error.name !== 'AbortError' && error.name !== 'TypeError') throw error;
  });
}

function writeBody({ name, target, apiVersion = '' }: Service, action: string, input: object): CallBody {
  if (target !== undefined) {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${target}.${action}` };
    return { body: JSON.stringify(input), headers };
  }
  if (name !== 'ec2' && Object.values(input).some((value) => typeof value === 'object')) {
    throw new Error(`the local Scheduler cannot write the lists of a call to ${name}`);
  }
  const form = new URLSearchParams({ Action: action, Version: apiVersion });
  for (const [key, value] of flattened(input)) form.append(key, value);
  return { body: form.toString() };
}

/** As the EC2 Query protocol writes what is in lists and in structures: `IpPermissions.1.IpProtocol`. */
function flattened(value: unknown, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  const members = Array.isArray(value) ? value.map((one, at) => [at + 1, one] as const) : Object.entries(value);
  return members.flatMap(([key, member]) => flattened(member, path === '' ? String(key) : `${path}.${key}`));
}
