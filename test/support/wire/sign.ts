import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { REGION } from '../examples/grants.ts';
import { credentials } from '../local-aws/local-elasticache.ts';

/** A request before it is sent. `target` is the path with its query. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** By what a request is signed. */
export interface SignedAs {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly region?: string;
  readonly service?: string;
  readonly date?: Date;
}

class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = secret instanceof ArrayBuffer ? new Uint8Array(secret) : secret;
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key as Uint8Array);
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new Error('not needed for signing');
  }
}

/** Signs a request in its headers, as SDKs and the AWS CLI do. */
export async function signInHeaders(url: string, request: RawRequest, as: SignedAs = {}): Promise<RawRequest> {
  const { headers } = await signer(as).sign(toSignable(url, request), { signingDate: as.date ?? new Date() });
  return { ...request, headers };
}

function signer({ accessKeyId, secretAccessKey, sessionToken, region, service }: SignedAs): SignatureV4 {
  return new SignatureV4({
    credentials: {
      accessKeyId: accessKeyId ?? credentials.accessKeyId,
      secretAccessKey: secretAccessKey ?? credentials.secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
    },
    region: region ?? REGION,
    service: service ?? 'elasticache',
    sha256: Sha256,
    applyChecksum: false,
  });
}

function toSignable(url: string, { method, target, headers, body }: RawRequest) {
  const { host, hostname, pathname, searchParams } = new URL(target, url);
  const query = Object.fromEntries(searchParams);
  return { method, protocol: 'http:', hostname, path: pathname, query, headers: { host, ...headers }, body };
}

/** Name and value pairs as a form, percent-encoded. */
export function encodeForm(parameters: Readonly<Record<string, string>>, space: '+' | '%20' = '%20'): string {
  const encode = (text: string): string =>
    encodeURIComponent(text)
      .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%20', space);
  return Object.entries(parameters)
    .map((pair) => pair.map(encode).join('='))
    .join('&');
}
