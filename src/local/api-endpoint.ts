import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Account } from './account.ts';
import { Accounts, type AccountsSettings, type Key } from './accounts.ts';
import { ApiError } from './api-error.ts';
import type { BusEvent } from './bus-event.ts';
import { checkAccount } from './check-account.ts';
import type { Clock } from './clock.ts';
import type { CacheSecurityGroup } from './elasticache/cache-security-groups.ts';
import { drawFaults, type Faults, NO_FAULTS, subjectOf } from './faults.ts';
import type { Caller } from './iam/caller.ts';
import { checkPermission, denied } from './iam/permission.ts';
import { type Misplaced, misplacedIn } from './misplaced.ts';
import type { CallContext, Operation } from './operation.ts';
import { whyOfAnotherSite } from './other-sites.ts';
import type { Parameters } from './parameters.ts';
import { type HttpRequest, readHttpRequest } from './query-request.ts';
import type { Region } from './region.ts';
import type { ApiCall, Service, WireAnswer } from './service.ts';
import { serviceOf, UNKNOWN_SERVICE } from './services.ts';
import { claimedScope, signatureVerifier } from './signature.ts';

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
  const { regions, credentials, faults = drawFaults(NO_FAULTS) } = settings;
  const accounts = new Accounts(settings, clock);
  const closing = new AbortController();
  const verify = credentials && signatureVerifier((accessKeyId) => accounts.key(accessKeyId));

  const server = createServer((request, response) => {
    if (settings.serve?.(request, response)) return;
    answer(request, response).catch((error) => response.destroy(error));
  });
  // Node closes a connection after five idle seconds. A client that sends at that moment gets ECONNRESET, and on a busy machine each of
  // its tries can meet such a connection.
  server.keepAliveTimeout = 60_000;
  // Half a request stays for as long as Node lets it: on a busy machine, a whole one can wait for its turn for many seconds.

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    let service = UNKNOWN_SERVICE;
    let status = 200;
    let answered: WireAnswer;
    try {
      const why = verify === undefined ? whyOfAnotherSite(incoming) : undefined;
      if (why !== undefined)
        throw new ApiError('AccessDenied', `${why} Calls without a signature are not for web pages.`, 403);
      const request = await readHttpRequest(incoming, MOST_MEGABYTES.get(claimedScope(incoming)?.service ?? '') ?? 1);
      service = serviceOf(request);
      const call = await admit(service, request);
      const subject = subjectOf(call.action, [...placeOf(call), ...call.known.values()]);
      if (faults.happens('cutBefore', subject)) return void response.destroy();
      if (faults.happens('slow', subject)) await clock.sleep(faults.settings.slowMs, closing.signal);
      if (closing.signal.aborted) return void response.destroy();
      failBy(faults, subject);
      const { throttle = 0 } = call.account.faults;
      if (throttle > 0 && faults.draw('throttle of the account', subject) < throttle) throw throttled();
      answered = run(requestId, service, call, request, incoming);
      status = answered.status ?? status;
      if (faults.happens('cutAfter', subject)) return void response.destroy();
    } catch (error) {
      const apiError = service.inItsWords(toApiError(error));
      status = apiError.status;
      answered = service.toErrorAnswer(apiError, requestId);
      // What is left of the body is not read, so the connection cannot be used again.
      if (status === 413) response.setHeader('connection', 'close');
    }
    // Bytes are sent as they are; a text would be put together with the headers and encoded again.
    const body = Buffer.from(answered.body);
    // What came at once is answered at once: a client that is woken for each answer takes a quarter of the server's time.
    await nextTurn();
    response.writeHead(status, {
      ...answered.headers,
      'content-length': body.length,
      // The JavaScript SDK takes the request id from here only, not from the body.
      'x-amzn-RequestId': requestId,
    });
    response.end(body);
  }

  /** What a fault happens to begins with the place; that of the home account with its region alone, as if there were no other. */
  function placeOf({ account, region }: Admitted): string[] {
    return account === accounts.home ? [region.name] : [account.id, region.name];
  }

  /** Finds out what a request asks for, and whether it may. */
  async function admit(service: Service, request: HttpRequest): Promise<Admitted> {
    const parameters = service.readParameters(request);
    const signed = verify ? await verify(request, meantBy(service), new Date(clock.now())) : unverified(request);
    const account = accounts.find(signed.key.caller.accountId) as Account;
    checkAccount(account, accounts, service, signed.region);
    const action = service.actionOf(request, parameters);
    const operation = service.operations.get(action) as Operation;
    const region = account.region(signed.region) ?? (account.region(regions[0] as string) as Region);
    const known = knownParameters(operation, parameters);
    return { action, operation, parameters, known, region, account, caller: signed.key.caller };
  }

  function meantBy({ name, homeRegion }: Service) {
    return { service: name, regions: homeRegion === undefined ? regions : [...regions, homeRegion] };
  }

  function unverified(request: HttpRequest): { readonly region: string; readonly key: Pick<Key, 'caller'> } {
    const claimed = claimedScope(request);
    const region = claimed !== undefined && regions.includes(claimed.region) ? claimed.region : (regions[0] as string);
    return { region, key: accounts.key(claimed?.accessKeyId ?? '') ?? { caller: accounts.home.user } };
  }

  function run(
    requestId: string,
    service: Service,
    admitted: Admitted,
    request: HttpRequest,
    { socket }: IncomingMessage,
  ): WireAnswer {
    const { action, operation, parameters, known, region, account, caller } = admitted;
    const traceId = request.headers['x-amzn-trace-id']?.toString();
    const call = {
      requestId,
      service,
      action,
      parameters: known,
      readOnly: operation.readOnly,
      region: region.name,
      principal: caller,
      userAgent: request.headers['user-agent'] ?? '',
      ...(traceId !== undefined && { traceId }),
      sourceIp: socket.remoteAddress ?? '127.0.0.1',
    };
    const misplaced = misplacedIn(call, accounts);
    if (misplaced !== undefined) onMisplaced(misplaced);
    let result: object | undefined;
    let error: ApiError | undefined;
    try {
      if (settings.deniedActions?.includes(action)) {
        throw accessDenied(operation.permission ?? `${service.name}:${action}`, caller.arn);
      }
      permit(service, admitted);
      if (!account.hasEc2Classic && operation.needsEc2Classic?.(known)) throw noEc2Classic();
      const context: CallContext = { caller, account, accounts, now: clock.now(), putEvent: onEvent, invoke: onInvoke };
      result = operation.run(parameters, region, context);
    } catch (thrown) {
      error = service.inItsWords(toApiError(thrown));
    }
    onCall({ ...call, result, error });
    if (error) throw error;
    return service.toAnswer(action, result, requestId);
  }

  /** Whether the organization and the policies of the caller's role and session let it do this. */
  function permit(service: Service, { action, operation, parameters, region, account, caller }: Admitted): void {
    const { scp } = account.faults;
    if (operation.permission === null || (scp === undefined && caller.session === undefined)) return;
    const asked = {
      action: operation.permission ?? `${service.name}:${action}`,
      resource: operation.resourceOf?.(parameters, region) ?? '*',
      context: new Map([...accounts.contextOf(caller), ['aws:requestedregion', region.name] as const]),
    };
    if (scp !== undefined && (scp.regions?.includes(region.name) ?? true)) {
      throw denied(caller, asked, 'with an explicit deny in a service control policy');
    }
    checkPermission(caller, asked);
  }

  await listen(server, settings.port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accounts,
    list: (region) => accounts.home.region(region)?.cacheSecurityGroups.list('', Number.POSITIVE_INFINITY) ?? [],
    region: (name) => accounts.home.region(name),
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A request that was accepted. */
interface Admitted {
  readonly action: string;
  readonly operation: Operation;
  readonly parameters: Parameters;
  readonly known: Parameters;
  readonly region: Region;
  readonly account: Account;
  readonly caller: Caller;
}

/**
 * How large a request to a service may be, in megabytes, where that is not 1. Of an object that is put into a bucket: room for the report
 * of a large organization. Of findings: documented in the Security Hub Partner Integration Guide.
 */
const MOST_MEGABYTES: ReadonlyMap<string, number> = new Map([
  ['s3', 16],
  ['securityhub', 6],
]);

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function failBy(faults: Faults, subject: string): void {
  if (faults.happens('throttle', subject)) throw throttled();
  if (!faults.happens('serverError', subject)) return;
  if (faults.draw('the error', subject) < 0.5)
    throw new ApiError('InternalFailure', 'The request failed because of an unknown error.', 500);
  throw new ApiError('ServiceUnavailable', 'The request failed because of a temporary failure of the server.', 503);
}

function knownParameters({ parameters: known }: Operation, parameters: Parameters): Parameters {
  return new Map(
    [...parameters].filter(([name]) => known.some((one) => (one.endsWith('.') ? name.startsWith(one) : name === one))),
  );
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
