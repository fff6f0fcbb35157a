import { createHash, createHmac, createSecretKey, type Hash, type Hmac, timingSafeEqual } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Checksum, SourceData } from '@smithy/types';
import { ApiError } from './api-error.ts';
import type { HttpRequest } from './query-request.ts';
import { shown } from './query-request.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a signature says of itself. */
interface Claim {
  readonly accessKeyId: string;
  /** `20260101`, `us-east-1`, `elasticache`, `aws4_request`. */
  readonly scope: readonly [date: string, region: string, service: string, end: string];
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20260101T120000Z` */
  readonly date: string;
  /** For how many seconds a presigned request is good; `undefined` for one signed in its headers. */
  readonly expires: number | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const LARGEST_SKEW_MS = 15 * 60 * 1000;

/** SHA-256, or with a secret HMAC by it, as the SDK's signer wants it. */
export class Sha256 implements Checksum {
  readonly #make: () => Hash | Hmac;
  #hash: Hash | Hmac;

  constructor(secret?: SourceData) {
    // As an object: that a key is none Node finds out by two exceptions, which takes longer than all the rest of a signature.
    const key = secret === undefined ? undefined : createSecretKey(toBytes(secret));
    this.#make = () => (key === undefined ? createHash('sha256') : createHmac('sha256', key));
    this.#hash = this.#make();
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#make();
  }
}

function toBytes(secret: SourceData): Uint8Array {
  if (typeof secret === 'string') return Buffer.from(secret);
  return ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret);
}

/**
 * Checks the signature of a request to a service as AWS does (SigV4, in the Authorization header or presigned in the query), by
 * signing it again with the SDK's own signer.
 *
 * @returns the region in the signature's scope.
 * @throws {ApiError} MissingAuthenticationToken, IncompleteSignature, InvalidClientTokenId, RequestExpired or
 * SignatureDoesNotMatch.
 */
export type VerifySignature = (request: HttpRequest, service: string, now: Date) => Promise<string>;

/** Makes the check for one pair of credentials and the regions that there are. */
export function signatureVerifier(credentials: Credentials, regions: readonly string[]): VerifySignature {
  const signer = new SignatureV4({
    credentials,
    region: regions[0] as string,
    // Each request is signed for the service that it is meant for.
    service: '',
    sha256: Sha256,
    // What the client did not sign must not be signed here.
    applyChecksum: false,
  });
  return async (request, service, now) => {
    const claim = readClaim(request);
    const region = checkScope(claim, regions, service);
    if (claim.accessKeyId !== credentials.accessKeyId) {
      throw new ApiError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
    }
    const signedAt = checkTime(claim, now);
    await checkPayloadHash(request);
    const expected = await sign(signer, request, claim, {
      signingDate: signedAt,
      signingRegion: region,
      signingService: service,
    });
    if (!equal(expected, claim.signature)) throw doesNotMatch();
    return region;
  };
}

/** What a request's signature says it is made for, without any check; `undefined` if it has none. */
export function claimedScope(request: HttpRequest): { readonly region: string; readonly service: string } | undefined {
  try {
    const [, region, service] = readClaim(request).scope;
    return { region, service };
  } catch {
    return undefined;
  }
}

interface SignedFor {
  readonly signingDate: Date;
  readonly signingRegion: string;
  readonly signingService: string;
}

async function sign(signer: SignatureV4, request: HttpRequest, claim: Claim, signedFor: SignedFor) {
  const { method, path, headers, body } = request;
  const signed = new Set(claim.signedHeaders);
  const query = Object.fromEntries(new URLSearchParams(request.query));
  const canonical = {
    method,
    path,
    query,
    headers: Object.fromEntries(claim.signedHeaders.map((name) => [name, String(headers[name] ?? '')])),
    body,
    protocol: 'http:',
    hostname: '',
  };
  const options = { ...signedFor, signableHeaders: signed };
  if (claim.expires === undefined) {
    const { headers: resigned } = await signer.sign(canonical, options);
    return /Signature=([0-9a-f]+)/.exec(resigned.authorization ?? '')?.[1] ?? '';
  }
  const { 'X-Amz-Signature': _, ...unsigned } = query;
  const presigned = await signer.presign(
    { ...canonical, query: unsigned },
    { ...options, expiresIn: claim.expires, unhoistableHeaders: signed },
  );
  return String(presigned.query?.['X-Amz-Signature']);
}

function readClaim(request: HttpRequest): Claim {
  const { authorization } = request.headers;
  if (authorization !== undefined) return readHeaderClaim(authorization, request);
  const query = new URLSearchParams(request.query);
  if (query.has('X-Amz-Signature') || query.has('X-Amz-Algorithm')) return readQueryClaim(query);
  throw new ApiError('MissingAuthenticationToken', 'Request is missing Authentication Token.', 403);
}

function readHeaderClaim(authorization: string, request: HttpRequest): Claim {
  if (!authorization.startsWith(`${ALGORITHM} `)) {
    throw new ApiError(
      'IncompleteSignature',
      `Authorization must begin with ${ALGORITHM}, not ${shown(authorization.split(' ')[0])}.`,
    );
  }
  const parts = new Map(
    authorization
      .slice(ALGORITHM.length)
      .split(',')
      .map((part) => part.trim().split('=') as [string, string]),
  );
  return toClaim(
    'Authorization header',
    (name) => parts.get(name),
    request.headers['x-amz-date']?.toString(),
    undefined,
  );
}

function readQueryClaim(query: URLSearchParams): Claim {
  const expires = Number(query.get('X-Amz-Expires') ?? 'none');
  if (!Number.isInteger(expires) || expires < 1 || expires > 604_800 || query.get('X-Amz-Algorithm') !== ALGORITHM) {
    throw new ApiError(
      'IncompleteSignature',
      `A presigned request needs X-Amz-Algorithm=${ALGORITHM} and X-Amz-Expires from 1 to 604800.`,
    );
  }
  return toClaim(
    'query',
    (name) => query.get(`X-Amz-${name}`) ?? undefined,
    query.get('X-Amz-Date') ?? undefined,
    expires,
  );
}

function toClaim(
  where: string,
  get: (name: string) => string | undefined,
  date: string | undefined,
  expires: number | undefined,
): Claim {
  const missing = ['Credential', 'SignedHeaders', 'Signature'].filter((name) => !get(name));
  if (date === undefined || !/^[0-9]{8}T[0-9]{6}Z$/.test(date)) missing.push('X-Amz-Date');
  const [accessKeyId = '', ...scope] = (get('Credential') ?? '').split('/');
  if (missing.length === 0 && scope.length !== 4)
    missing.push('a Credential of the form KEY/DATE/REGION/SERVICE/aws4_request');
  if (missing.length > 0) {
    throw new ApiError('IncompleteSignature', `The signature in the ${where} lacks ${missing.join(', ')}.`);
  }
  return {
    accessKeyId,
    scope: scope as unknown as Claim['scope'],
    signedHeaders: (get('SignedHeaders') as string).toLowerCase().split(';'),
    signature: get('Signature') as string,
    date: date as string,
    expires,
  };
}

function checkScope({ scope, date, signedHeaders }: Claim, regions: readonly string[], meant: string): string {
  const [scopeDate, region, service, end] = scope;
  if (!regions.includes(region))
    throw doesNotMatch(`Credential should be scoped to a valid region, not '${shown(region)}'.`);
  if (service !== meant) throw doesNotMatch(`Credential should be scoped to correct service: '${meant}'.`);
  if (end !== 'aws4_request')
    throw doesNotMatch("Credential should be scoped with a valid terminator: 'aws4_request'.");
  if (date.slice(0, 8) !== scopeDate)
    throw doesNotMatch('Date in Credential scope does not match the date of the request.');
  if (!signedHeaders.includes('host')) throw doesNotMatch("'Host' must be a signed header.");
  return region;
}

function checkTime({ date, expires }: Claim, now: Date): Date {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) as RegExpExecArray;
  const signedAt = new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  const age = now.getTime() - signedAt.getTime();
  if (Number.isNaN(age) || age < -LARGEST_SKEW_MS) {
    throw new ApiError(
      'RequestExpired',
      `Signature not yet current: ${shown(date)} is more than 15 minutes from ${now.toISOString()}.`,
    );
  }
  if (age > (expires === undefined ? LARGEST_SKEW_MS : expires * 1000)) {
    throw new ApiError('RequestExpired', `Signature expired: ${shown(date)} is too far before ${now.toISOString()}.`);
  }
  return signedAt;
}

/** The header says what the body's hash is; a body that was changed on the way has another. */
async function checkPayloadHash({ headers, body }: HttpRequest): Promise<void> {
  const claimed = headers['x-amz-content-sha256'];
  if (claimed === undefined) return;
  const hash = new Sha256();
  hash.update(Buffer.from(body));
  if (claimed !== Buffer.from(await hash.digest()).toString('hex')) throw doesNotMatch();
}

function doesNotMatch(message?: string): ApiError {
  return new ApiError(
    'SignatureDoesNotMatch',
    message ??
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    403,
  );
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
