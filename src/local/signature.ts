import { createHash, createHmac, createSecretKey, type Hash, type Hmac, timingSafeEqual } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Checksum, SourceData } from '@smithy/types';
import { ApiError } from './api-error.ts';
import type { HttpRequest } from './query-request.ts';
import { shown } from './shown.ts';

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

/** What a key is good for. */
interface SigningKey {
  readonly secretAccessKey: string;
  /** Of temporary credentials; what comes with another key is not looked at. */
  readonly sessionToken?: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
}

/** What a good signature says. */
export interface Signed<Key> {
  readonly region: string;
  readonly key: Key;
}

/**
 * Checks the signature of a request to a service as AWS does (SigV4 in the Authorization header), by signing it again with the
 * SDK's own signer. A presigned URL has no such header and is refused: neither the SDKs nor the AWS CLI call these services by one.
 *
 * @returns the region in the signature's scope, and the key.
 * @throws {ApiError} MissingAuthenticationToken, IncompleteSignature, InvalidClientTokenId, RequestExpired,
 * SignatureDoesNotMatch or ExpiredToken.
 */
export type VerifySignature<Key> = (
  request: HttpRequest,
  meant: { readonly service: string; readonly regions: readonly string[] },
  now: Date,
) => Promise<Signed<Key>>;

/** A signer is dear to make; temporary credentials come and go. */
const MOST_SIGNERS = 1000;

/** Makes the check for the keys that there are. */
export function signatureVerifier<Key extends SigningKey>(
  keyOf: (accessKeyId: string) => Key | undefined,
): VerifySignature<Key> {
  const signers = new Map<string, SignatureV4>();

  function signerOf({ accessKeyId }: Claim, { secretAccessKey }: SigningKey, service: string): SignatureV4 {
    const id = `${accessKeyId} ${service === 's3'}`;
    const made = signers.get(id);
    if (made !== undefined) return made;
    if (signers.size >= MOST_SIGNERS) signers.clear();
    const signer = new SignatureV4({
      credentials: { accessKeyId, secretAccessKey },
      // Each request is signed for the region and the service that it is meant for.
      region: '',
      service: '',
      sha256: Sha256,
      // What the client did not sign must not be signed here.
      applyChecksum: false,
      // Documented: S3 alone takes the path as it is.
      uriEscapePath: service !== 's3',
    });
    signers.set(id, signer);
    return signer;
  }

  return async (request, { service, regions }, now) => {
    const claim = readClaim(request);
    const region = checkScope(claim, regions, service);
    const key = keyOf(claim.accessKeyId);
    if (key === undefined) throw unknownToken();
    const signedAt = checkTime(claim, now);
    await checkPayloadHash(request);
    const expected = await sign(signerOf(claim, key, service), request, claim, {
      signingDate: signedAt,
      signingRegion: region,
      signingService: service,
    });
    if (!equal(expected, claim.signature)) throw doesNotMatch();
    if (key.sessionToken !== undefined && request.headers['x-amz-security-token'] !== key.sessionToken) {
      throw unknownToken();
    }
    if (key.expiresAt !== undefined && key.expiresAt <= now.getTime()) {
      throw new ApiError('ExpiredToken', 'The security token included in the request is expired', 403);
    }
    return { region, key };
  };
}

/** What is answered to a key, or a token, that no one has, and in a region that the account has not enabled. */
export function unknownToken(): ApiError {
  return new ApiError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
}

/** What a request's signature says it is made for, without any check; `undefined` if it has none. */
export function claimedScope(
  request: Pick<HttpRequest, 'headers'>,
): { readonly region: string; readonly service: string; readonly accessKeyId: string } | undefined {
  try {
    const { accessKeyId, scope } = readClaim(request);
    const [, region, service] = scope;
    return { region, service, accessKeyId };
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
  const { headers: resigned } = await signer.sign(canonical, { ...signedFor, signableHeaders: signed });
  return /Signature=([0-9a-f]+)/.exec(resigned.authorization ?? '')?.[1] ?? '';
}

function readClaim({ headers }: Pick<HttpRequest, 'headers'>): Claim {
  const { authorization } = headers;
  if (authorization === undefined) {
    throw new ApiError('MissingAuthenticationToken', 'Request is missing Authentication Token.', 403);
  }
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
  const date = headers['x-amz-date']?.toString();
  const missing = ['Credential', 'SignedHeaders', 'Signature'].filter((name) => !parts.get(name));
  if (date === undefined || !/^[0-9]{8}T[0-9]{6}Z$/.test(date)) missing.push('X-Amz-Date');
  const [accessKeyId = '', ...scope] = (parts.get('Credential') ?? '').split('/');
  if (missing.length === 0 && scope.length !== 4)
    missing.push('a Credential of the form KEY/DATE/REGION/SERVICE/aws4_request');
  if (missing.length > 0) {
    throw new ApiError('IncompleteSignature', `The signature in the Authorization header lacks ${missing.join(', ')}.`);
  }
  return {
    accessKeyId,
    scope: scope as unknown as Claim['scope'],
    signedHeaders: (parts.get('SignedHeaders') as string).toLowerCase().split(';'),
    signature: parts.get('Signature') as string,
    date: date as string,
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

function checkTime({ date }: Claim, now: Date): Date {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) as RegExpExecArray;
  const signedAt = new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  const age = now.getTime() - signedAt.getTime();
  if (Number.isNaN(age) || age < -LARGEST_SKEW_MS) {
    throw new ApiError(
      'RequestExpired',
      `Signature not yet current: ${shown(date)} is more than 15 minutes from ${now.toISOString()}.`,
    );
  }
  if (age > LARGEST_SKEW_MS) {
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
