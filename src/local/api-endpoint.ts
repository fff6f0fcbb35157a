import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ApiError } from './api-error.ts';
import type { Clock } from './clock.ts';
import type { CacheSecurityGroup } from './elasticache/cache-security-groups.ts';
import { drawFaults, type Faults, NO_FAULTS, subjectOf } from './faults.ts';
import type { Operation } from './operation.ts';
import { whyOfAnotherSite } from './other-sites.ts';
import type { Parameters } from './parameters.ts';
import { type HttpRequest, readHttpRequest, readParameters } from './query-request.ts';
import { type AccountSettings, openRegion, type Region } from './region.ts';
import type { ApiCall, Service } from './service.ts';
import { serviceOf, UNKNOWN_SERVICE } from './services.ts';
import { shown } from './shown.ts';
import { type Credentials, claimedScope, signatureVerifier } from './signature.ts';

export type { ApiCall } from './service.ts';

export interface ApiEndpoint {
  /** For example `http://127.0.0.1:4566`. */
  readonly url: string;
  /** The cache security groups of a region as they are now, in order of their names. */
  list(region: string): readonly CacheSecurityGroup[];
  /** All that the account has in a region, to look at and to change behind the API's back; `undefined` if there is none. */
  region(name: string): Region | undefined;
  /** Refuses new calls, cuts those under way, and ends. */
  close(): Promise<void>;
}

export interface EndpointSettings extends AccountSettings {
  /** 0 takes any free port. */
  readonly port: number;
  /** Each has security groups of its own. A call names its region in the scope of its signature. */
  readonly regions: readonly string[];
  /** Whose signatures are good. Without them no signature is looked at, and calls of other web sites are refused. */
  readonly credentials?: Credentials;
  /** Answers as an account without EC2-Classic does. */
  readonly vpcOnly?: boolean;
  /** Operations that the caller has no permission for. */
  readonly deniedActions?: readonly string[];
  readonly faults?: Faults;
  /** Answers what is not meant for the API: true if it did. */
  readonly serve?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/**
 * Starts an HTTP endpoint on loopback that speaks for each of the services in services.ts. `onCall` is told of every call that named an operation and was let in, once it has ended.
 *
 * @throws if the port is taken.
 */
export async function startApiEndpoint(
  settings: EndpointSettings,
  clock: Clock,
  onCall: (call: ApiCall) => void,
): Promise<ApiEndpoint> {
  const { regions, credentials, faults = drawFaults(NO_FAULTS) } = settings;
  const regionOf = new Map(regions.map((name) => [name, openRegion(name, settings, clock)]));
  const closing = new AbortController();
  const verify = credentials && signatureVerifier(credentials, regions);

  const server = createServer((request, response) => {
    if (settings.serve?.(request, response)) return;
    answer(request, response).catch((error) => response.destroy(error));
  });
  // Half a request must not stay for ever.
  server.headersTimeout = 10_000;
  server.requestTimeout = 20_000;

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    let service = UNKNOWN_SERVICE;
    let status = 200;
    let xml: string;
    try {
      const why = verify === undefined ? whyOfAnotherSite(incoming) : undefined;
      if (why !== undefined)
        throw new ApiError('AccessDenied', `${why} Calls without a signature are not for web pages.`, 403);
      const request = await readHttpRequest(incoming);
      service = serviceOf(request);
      const call = await admit(service, request);
      const subject = subjectOf(call.action, [call.region.name, ...call.known.values()]);
      if (faults.happens('cutBefore', subject)) return void response.destroy();
      if (faults.happens('slow', subject)) await clock.sleep(faults.settings.slowMs, closing.signal);
      if (closing.signal.aborted) return void response.destroy();
      failBy(faults, subject);
      xml = run(requestId, service, call, request, incoming);
      if (faults.happens('cutAfter', subject)) return void response.destroy();
    } catch (error) {
      const apiError = service.inItsWords(toApiError(error));
      status = apiError.status;
      xml = service.toErrorXml(apiError, requestId);
      // What is left of the body is not read, so the connection cannot be used again.
      if (status === 413) response.setHeader('connection', 'close');
    }
    // Bytes are sent as they are; a text would be put together with the headers and encoded anew.
    const body = Buffer.from(xml);
    // What came at once is answered at once: a client that is woken for each answer takes a quarter of the server's time.
    await nextTurn();
    response.writeHead(status, {
      'content-type': 'text/xml',
      'content-length': body.length,
      // The JavaScript SDK takes the request id from here only, not from the body.
      'x-amzn-RequestId': requestId,
    });
    response.end(body);
  }

  /** Finds out what a request asks for, and whether it may. */
  async function admit(service: Service, request: HttpRequest) {
    if (request.path !== '/')
      throw new ApiError('InvalidAction', `There is nothing at ${shown(request.path)}: calls go to /.`, 404);
    if (request.method !== 'POST' && request.method !== 'GET') {
      throw new ApiError('InvalidAction', `The method ${request.method} is not known: use POST or GET.`, 405);
    }
    const parameters = readParameters(request);
    const region = verify ? await verify(request, service.name, new Date(clock.now())) : unverifiedRegion(request);
    const action = parameters.get('Action');
    if (!action) throw new ApiError('MissingAction', 'The request must contain the parameter Action.');
    const version = parameters.get('Version') ?? 'NO_VERSION_SPECIFIED';
    const operation = service.operations.get(action);
    if (operation === undefined || version !== service.apiVersion) {
      throw new ApiError('InvalidAction', `Could not find operation ${shown(action)} for version ${shown(version)}`);
    }
    return {
      action,
      operation,
      parameters,
      known: knownParameters(operation, parameters),
      region: regionOf.get(region) as Region,
    };
  }

  function unverifiedRegion(request: HttpRequest): string {
    const claimed = claimedScope(request)?.region;
    return claimed !== undefined && regions.includes(claimed) ? claimed : (regions[0] as string);
  }

  function run(
    requestId: string,
    service: Service,
    { action, operation, parameters, known, region }: Awaited<ReturnType<typeof admit>>,
    request: HttpRequest,
    { socket }: IncomingMessage,
  ): string {
    const traceId = request.headers['x-amzn-trace-id']?.toString();
    const call = {
      requestId,
      service,
      action,
      parameters: known,
      readOnly: operation.readOnly,
      region: region.name,
      userAgent: request.headers['user-agent'] ?? '',
      ...(traceId !== undefined && { traceId }),
      sourceIp: socket.remoteAddress ?? '127.0.0.1',
    };
    let result: object | undefined;
    let error: ApiError | undefined;
    try {
      if (settings.deniedActions?.includes(action)) throw accessDenied(service, action, settings.accountId);
      if (settings.vpcOnly && operation.needsEc2Classic?.(known)) throw noEc2Classic();
      result = operation.run(parameters, region);
    } catch (thrown) {
      error = service.inItsWords(toApiError(thrown));
    }
    onCall({ ...call, result, error });
    if (error) throw error;
    return service.toResponseXml(action, result, requestId);
  }

  await listen(server, settings.port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    list: (region) => regionOf.get(region)?.cacheSecurityGroups.list('', Number.POSITIVE_INFINITY) ?? [],
    region: (name) => regionOf.get(name),
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

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
  if (faults.happens('throttle', subject)) throw new ApiError('Throttling', 'Rate exceeded');
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

function accessDenied({ name }: Service, action: string, accountId: string): ApiError {
  const who = `arn:aws:iam::${accountId}:user/local`;
  return new ApiError('AccessDenied', `User: ${who} is not authorized to perform: ${name}:${action}`, 403);
}

function noEc2Classic(): ApiError {
  const message = 'Use of cache security groups is not permitted in this API version for your account.';
  return new ApiError('InvalidParameterValue', message);
}

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = `The local AWS failed: ${error instanceof Error ? error.message : String(error)}`;
  return new ApiError('InternalFailure', message, 500, { cause: error });
}
