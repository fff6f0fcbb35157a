import { request as httpRequest } from 'node:http';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { onTestFinished } from 'vitest';
import { type ApiCall, type EndpointSettings, startApiEndpoint } from '../../../src/local/api-endpoint.ts';
import type { Region } from '../../../src/local/region.ts';
import { ACCOUNT, REGION } from '../examples/grants.ts';
import type { Answer } from '../scripted/answers.ts';
import { ManualClock } from '../time/manual-clock.ts';
import { encodeForm, type RawRequest, type SignedAs, signInHeaders } from '../wire/sign.ts';
import { ec2ClientFor } from './local-ec2.ts';
import { credentials } from './local-elasticache.ts';

/** How long a grant is `authorizing`, and `revoking`: by a clock that only `advance` moves. */
export const TRANSITION = 60_000;
/** How long a cache is `creating`, `modifying` and `deleting`, by the same clock. */
export const CREATING = 90_000;
export const OTHER_REGION = 'eu-west-1';

/** How a call is put on the wire. */
export interface OnTheWire {
  readonly method?: 'GET' | 'POST';
  readonly space?: '+' | '%20';
  readonly contentType?: string;
  readonly region?: string;
  /** `elasticache` if not given. */
  readonly service?: ServiceName;
}

export type ServiceName = 'elasticache' | 'ec2';

const API_VERSIONS = { elasticache: '2015-02-02', ec2: '2016-11-15' } as const;

/** A local endpoint for one test. */
export interface LocalEndpoint {
  readonly url: string;
  readonly clock: ManualClock;
  /** The calls so far, as the endpoint told of them. */
  readonly calls: readonly ApiCall[];
  /** The JavaScript SDK's client, that tries once and not again. */
  readonly sdk: ElastiCacheClient;
  /** The same of EC2. */
  readonly ec2: EC2Client;
  /** All that the account has in its first region. */
  readonly region: Region;
  /** Makes a signed call over HTTP. */
  call(action: string, parameters?: Readonly<Record<string, string>>, how?: OnTheWire): Promise<Answer>;
  /** Signs a request as it is, and sends it. */
  sendSigned(request: Partial<RawRequest>, as?: SignedAs): Promise<Answer>;
  /** Sends a request as it is. */
  send(request: Partial<RawRequest>): Promise<Answer>;
  close(): Promise<void>;
}

/** Starts an endpoint that looks at signatures, and ends it with the test. */
export async function startEndpoint(settings: Partial<EndpointSettings> = {}): Promise<LocalEndpoint> {
  const clock = new ManualClock();
  const calls: ApiCall[] = [];
  const endpoint = await startApiEndpoint(
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
    (call) => calls.push(call),
  );
  const { url, close } = endpoint;
  const ec2 = ec2ClientFor(url);
  const sdk = new ElastiCacheClient({ region: REGION, endpoint: url, credentials, maxAttempts: 1 });
  onTestFinished(async () => {
    sdk.destroy();
    await close();
  });
  const sendSigned: LocalEndpoint['sendSigned'] = async (request, as = {}) =>
    send(url, await signInHeaders(url, whole(request), { date: new Date(clock.now()), ...as }));
  return {
    url,
    clock,
    calls,
    sdk,
    ec2,
    region: endpoint.region(REGION) as Region,
    close,
    sendSigned,
    send: (request) => send(url, whole(request)),
    call: (action, parameters = {}, how = {}) => sendSigned(toRequest(action, parameters, how), toSignedAs(how)),
  };
}

function toSignedAs({ region, service }: OnTheWire): SignedAs {
  return { ...(region !== undefined && { region }), ...(service !== undefined && { service }) };
}

/** A call as a request, not signed yet. */
export function toRequest(
  action: string,
  parameters: Readonly<Record<string, string>> = {},
  {
    method = 'POST',
    space,
    contentType = 'application/x-www-form-urlencoded; charset=utf-8',
    service = 'elasticache',
  }: OnTheWire = {},
): RawRequest & { readonly body: string } {
  const form = encodeForm({ Action: action, Version: API_VERSIONS[service], ...parameters }, space);
  return method === 'GET'
    ? { method, target: `/?${form}`, headers: {}, body: '' }
    : { method, target: '/', headers: { 'content-type': contentType }, body: form };
}

function whole(request: Partial<RawRequest>): RawRequest {
  return { method: 'POST', target: '/', headers: {}, body: '', ...request };
}

/** Sends a request as it is, and reads the answer to its end. */
export function send(url: string, { method, target, headers, body }: RawRequest): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const length = body.length === 0 ? {} : { 'content-length': Buffer.byteLength(body) };
    const request = httpRequest({ hostname, port, method, path: target, headers: { ...headers, ...length } });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode as number,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    request.end(body);
  });
}
