import { SignatureV4 } from '@smithy/signature-v4';
import { type Credentials, Sha256 } from './signature.ts';

/** What the API answered, as it is on the wire. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

/** Who makes a call, and as what. */
export interface SignedAs {
  readonly credentials: Credentials & { readonly sessionToken?: string };
  readonly region: string;
  /** What the call is signed for: `elasticache`. */
  readonly service: string;
  readonly userAgent: string;
  /** Now, if not given. */
  readonly date?: Date;
}

/** The form of a call (`Action=…&Version=…`), or the JSON of one with these headers. */
export interface CallBody {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Signs a call as any AWS client does, and sends it to the endpoint. */
export async function callApi(
  endpoint: string,
  { credentials, region, service, userAgent, date }: SignedAs,
  { body, headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' } }: CallBody,
  signal: AbortSignal,
): Promise<ApiAnswer> {
  const { hostname, port, host } = new URL(endpoint);
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256 });
  const request = {
    method: 'POST',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: '/',
    query: {},
    headers: { host, ...headers, 'user-agent': userAgent },
    body,
  };
  const signed = await signer.sign(request, date && { signingDate: date });
  // fetch writes the Host header itself, and the same.
  const { host: _, ...sent } = signed.headers;
  const answer = await fetch(endpoint, { method: 'POST', headers: sent, body, signal });
  return { status: answer.status, body: await answer.text() };
}
