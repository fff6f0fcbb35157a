import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AccountFaults } from './account-faults.ts';
import { Accounts, type AccountsSettings } from './accounts.ts';
import { type Admitted, admission } from './admission.ts';
import { ApiError } from './api-error.ts';
import type { BusEvent } from './bus-event.ts';
import type { Clock } from './clock.ts';
import type { CacheSecurityGroup } from './elasticache/cache-security-groups.ts';
import { drawFaults, type Faults, NO_FAULTS, subjectOf } from './faults.ts';
import { startLoopbackServer } from './loopback-server.ts';
import { type Misplaced, misplacedIn } from './misplaced.ts';
import type { CallContext } from './operation.ts';
import { whyOfAnotherSite } from './other-sites.ts';
import { permit } from './permit.ts';
import { type HttpRequest, readHttpRequest } from './query-request.ts';
import type { Region } from './region.ts';
import type { ApiCall, Service, WireAnswer } from './service.ts';
import { serviceOf, UNKNOWN_SERVICE } from './services.ts';
import { claimedScope } from './signature.ts';

export type { ApiCall } from './service.ts';

export interface ApiEndpoint {
  /** For example `http://127.0.0.1:4566`. */
  readonly url: string;
  /** All that there are. */
  readonly accounts: Accounts;
  /** The cache security groups of a region as they are now, in order of their names. */
  list(region: string): readonly CacheSecurityGroup[];
  /** All that the account has in a region, to look at and to change behind the API's back; `undefined` if there is none. */
  region(name: string): Region | undefined;
  /** Refuses new calls, cuts those under way, and ends. */
  close(): Promise<void>;
}

export interface EndpointSettings extends AccountsSettings {
  /** 0 takes any free port. */
  readonly port: number;
  /** Operations that the caller has no permission for. */
  readonly deniedActions?: readonly string[];
  readonly faults?: Faults;
  /** Answers what is not meant for the API: true if it did. */
  readonly serve?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** Who is notified of what happens at the endpoint, besides its calls. */
export interface Listeners {
  /** An event that a call puts on an event bus, by its ARN. */
  readonly onEvent?: (event: BusEvent, busArn: string) => void;
  /** A call that names what another account, or another region, has. */
  readonly onMisplaced?: (misplaced: Misplaced) => void;
  /** A function, by its name, that is to be invoked asynchronously. False if there is none. */
  readonly onInvoke?: (functionName: string, payload: unknown) => boolean;
}

/**
 * Starts an HTTP endpoint on loopback that speaks for each of the services in services.ts. `onCall` is notified of every call that named
 * an operation and was accepted, once it has ended.
 *
 * @throws if the port is taken.
 */
export async function startApiEndpoint(
  settings: EndpointSettings,
  clock: Clock,
  onCall: (call: ApiCall) => void,
  { onEvent = () => {}, onMisplaced = () => {}, onInvoke = () => false }: Listeners = {},
): Promise<ApiEndpoint> {
  const { faults = drawFaults(NO_FAULTS) } = settings;
  const accounts = new Accounts(settings, clock);
  const admit = admission(accounts, settings, clock);
  const closing = new AbortController();

  const server = await startLoopbackServer(settings.port, (request, response) => {
    if (settings.serve?.(request, response)) return;
    answer(request, response).catch((error) => response.destroy(error));
  });

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    let service = UNKNOWN_SERVICE;
    let status = 200;
    let answered: WireAnswer;
    try {
      if (settings.credentials === undefined) refuseOtherSites(incoming);
      const request = await readHttpRequest(incoming, MOST_MEGABYTES.get(claimedScope(incoming)?.service ?? '') ?? 1);
      service = serviceOf(request);
      const admitted = await admit(service, request);
      const subject = subjectOf(admitted.action, [...placeOf(admitted, accounts), ...admitted.known.values()]);
      if (faults.happens('cutBefore', subject)) return void response.destroy();
      if (faults.happens('slow', subject)) await clock.sleep(faults.settings.slowMs, closing.signal);
      if (closing.signal.aborted) return void response.destroy();
      failBy(faults, subject, admitted.account.faults);
      answered = run(service, admitted, toCall(requestId, service, admitted, request, incoming));
      status = answered.status ?? status;
      if (faults.happens('cutAfter', subject)) return void response.destroy();
    } catch (error) {
      const apiError = service.inItsWords(toApiError(error));
      status = apiError.status;
      answered = service.toErrorAnswer(apiError, requestId);
    }
    await send(response, requestId, status, answered);
  }

  function run(service: Service, admitted: Admitted, call: CallBegun): WireAnswer {
    const { action, operation, parameters, known, region, account, caller } = admitted;
    const misplaced = misplacedIn(call, accounts);
    if (misplaced !== undefined) onMisplaced(misplaced);
    let result: object | undefined;
    let error: ApiError | undefined;
    try {
      if (settings.deniedActions?.includes(action)) {
        throw accessDenied(operation.permission ?? `${service.name}:${action}`, caller.arn);
      }
      permit(service, admitted, accounts);
      if (!account.hasEc2Classic && operation.needsEc2Classic?.(known)) throw noEc2Classic();
      const context: CallContext = { caller, account, accounts, now: clock.now(), putEvent: onEvent, invoke: onInvoke };
      result = operation.run(parameters, region, context);
    } catch (thrown) {
      error = service.inItsWords(toApiError(thrown));
    }
    onCall({ ...call, result, error });
    if (error) throw error;
    return service.toAnswer(action, result, call.requestId);
  }

  return {
    url: server.url,
    accounts,
    list: (region) => accounts.home.region(region)?.cacheSecurityGroups.list('', Number.POSITIVE_INFINITY) ?? [],
    region: (name) => accounts.home.region(name),
    close() {
      closing.abort();
      return server.close();
    },
  };
}

/** A call before it has ended. */
type CallBegun = Omit<ApiCall, 'result' | 'error'>;

/**
 * How large a request to a service may be, in megabytes, where that is not 1. Of an object that is put into a bucket: room for the report
 * of a large organization. Of findings: documented in the Security Hub Partner Integration Guide.
 */
const MOST_MEGABYTES: ReadonlyMap<string, number> = new Map([
  ['s3', 16],
  ['securityhub', 6],
]);

function refuseOtherSites(incoming: IncomingMessage): void {
  const why = whyOfAnotherSite(incoming);
  if (why === undefined) return;
  throw new ApiError('AccessDenied', `${why} Calls without a signature are not for web pages.`, 403);
}

/** What a fault happens to begins with the place; that of the home account with its region alone, as if there were no other. */
function placeOf({ account, region }: Admitted, accounts: Accounts): string[] {
  return account === accounts.home ? [region.name] : [account.id, region.name];
}

function toCall(
  requestId: string,
  service: Service,
  { action, operation, known, region, caller }: Admitted,
  { headers }: HttpRequest,
  { socket }: IncomingMessage,
): CallBegun {
  const traceId = headers['x-amzn-trace-id']?.toString();
  return {
    requestId,
    service,
    action,
    parameters: known,
    readOnly: operation.readOnly,
    region: region.name,
    principal: caller,
    userAgent: headers['user-agent'] ?? '',
    ...(traceId !== undefined && { traceId }),
    sourceIp: socket.remoteAddress ?? '127.0.0.1',
  };
}

async function send(
  response: ServerResponse,
  requestId: string,
  status: number,
  { body, headers }: WireAnswer,
): Promise<void> {
  // Bytes are sent as they are; a text would be put together with the headers and encoded again.
  const bytes = Buffer.from(body);
  // What came at once is answered at once: a client that is woken for each answer takes a quarter of the server's time.
  await nextTurn();
  // What is left of a body that is too large is not read, so the connection cannot be used again.
  if (status === 413) response.setHeader('connection', 'close');
  response.writeHead(status, {
    ...headers,
    'content-length': bytes.length,
    // The JavaScript SDK takes the request id from here only, not from the body.
    'x-amzn-RequestId': requestId,
  });
  response.end(bytes);
}

function failBy(faults: Faults, subject: string, { throttle = 0 }: AccountFaults): void {
  if (faults.happens('throttle', subject)) throw throttled();
  if (faults.happens('serverError', subject)) throw serverError(faults, subject);
  if (throttle > 0 && faults.draw('throttle of the account', subject) < throttle) throw throttled();
}

function serverError(faults: Faults, subject: string): ApiError {
  return faults.draw('the error', subject) < 0.5
    ? new ApiError('InternalFailure', 'The request failed because of an unknown error.', 500)
    : new ApiError('ServiceUnavailable', 'The request failed because of a temporary failure of the server.', 503);
}

function throttled(): ApiError {
  return new ApiError('Throttling', 'Rate exceeded');
}

function accessDenied(permission: string, who: string): ApiError {
  return new ApiError('AccessDenied', `User: ${who} is not authorized to perform: ${permission}`, 403);
}

/** What an account without EC2-Classic is answered that asks for cache security groups. */
export function noEc2Classic(): ApiError {
  const message = 'Use of cache security groups is not permitted in this API version for your account.';
  return new ApiError('InvalidParameterValue', message);
}

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = `The local AWS failed: ${error instanceof Error ? error.message : String(error)}`;
  return new ApiError('InternalFailure', message, 500, { cause: error });
}
