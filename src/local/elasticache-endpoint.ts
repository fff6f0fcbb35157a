import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError } from './api-error.ts';
import { type AccountSettings, CacheSecurityGroups } from './cache-security-groups.ts';
import type { Clock } from './clock.ts';
import { operations } from './operations/index.ts';
import type { Parameters } from './parameters.ts';
import { toErrorXml, toResponseXml } from './xml.ts';

const API_VERSION = '2015-02-02';
const MOST_BODY_BYTES = 1024 * 1024;

/** One call, as it was made and as it ended. */
export interface ApiCall {
  readonly requestId: string;
  readonly action: string;
  readonly parameters: Parameters;
  readonly region: string;
  readonly userAgent: string;
  readonly sourceIp: string;
  readonly result: object | undefined;
  readonly error: ApiError | undefined;
}

export interface ElastiCacheEndpoint {
  /** For example `http://127.0.0.1:4566`. */
  readonly url: string;
  /** Refuses new calls, cuts those under way, and ends. */
  close(): Promise<void>;
}

export interface EndpointSettings extends Omit<AccountSettings, 'region'> {
  /** 0 takes any free port. */
  readonly port: number;
  /** Each has cache security groups of its own. A call names its region in the scope of its signature. */
  readonly regions: readonly string[];
}

/**
 * Starts an HTTP endpoint on loopback that speaks the AWS Query protocol of ElastiCache, as far as cache security groups
 * go. `onCall` is told of every call that named an operation, once it has ended.
 */
export async function startElastiCacheEndpoint(
  settings: EndpointSettings,
  clock: Clock,
  onCall: (call: ApiCall) => void,
): Promise<ElastiCacheEndpoint> {
  const groupsIn = new Map(
    settings.regions.map((region) => [region, new CacheSecurityGroups({ ...settings, region }, clock)]),
  );
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    let status = 200;
    let xml: string;
    try {
      const parameters = await readParameters(request);
      const region = readRegion(request, settings.regions);
      xml = run(requestId, region, parameters, request);
    } catch (error) {
      const apiError = toApiError(error);
      status = apiError.status;
      xml = toErrorXml(apiError, requestId);
    }
    response.writeHead(status, {
      'content-type': 'text/xml',
      'content-length': Buffer.byteLength(xml),
      // The JavaScript SDK takes the request id from here only, not from the body.
      'x-amzn-RequestId': requestId,
    });
    response.end(xml);
  }

  function run(requestId: string, region: string, parameters: Parameters, request: IncomingMessage): string {
    const action = parameters.get('Action');
    if (action === undefined || action === '') throw new ApiError('MissingAction', 'The request must contain Action.');
    const version = parameters.get('Version');
    const operation = operations.get(action);
    if (operation === undefined || version !== API_VERSION) {
      throw new ApiError(
        'InvalidAction',
        `Could not find operation ${printable(action)} for version ${printable(version)}`,
      );
    }
    const call = {
      requestId,
      action,
      parameters,
      region,
      userAgent: request.headers['user-agent'] ?? '',
      sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
    };
    try {
      const result = operation(parameters, groupsIn.get(region) as CacheSecurityGroups);
      const xml = toResponseXml(action, result, requestId);
      onCall({ ...call, result, error: undefined });
      return xml;
    } catch (error) {
      onCall({ ...call, result: undefined, error: toApiError(error) });
      throw error;
    }
  }

  await listen(server, settings.port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
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

/** The parameters of the query string and of the form in the body. */
async function readParameters(request: IncomingMessage): Promise<Parameters> {
  const query = (request.url ?? '/').split('?')[1] ?? '';
  const body = request.method === 'POST' ? await readBody(request) : '';
  return new Map([...new URLSearchParams(query), ...new URLSearchParams(body)]);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BODY_BYTES) throw new ApiError('RequestEntityTooLarge', 'The request is larger than 1 MB.', 413);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The region in the credential scope, `KEY/20260101/us-east-1/elasticache/aws4_request`; without one, the first. */
function readRegion(request: IncomingMessage, regions: readonly string[]): string {
  const scope = /Credential=[^/,]*\/[0-9]*\/([^/,]*)\//.exec(request.headers.authorization ?? '');
  const region = scope?.[1] ?? regions[0];
  if (region === undefined || !regions.includes(region)) {
    throw new ApiError(
      'SignatureDoesNotMatch',
      `Credential should be scoped to a valid region, not ${printable(region)}.`,
      403,
    );
  }
  return region;
}

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('InternalFailure', `The local AWS failed: ${(error as Error).message}`, 500);
}

function printable(text = ''): string {
  return text.slice(0, 64).replace(/[^ -~]/g, '?');
}
