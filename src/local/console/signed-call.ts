import { SignatureV4 } from '@smithy/signature-v4';
import { elastiCache } from '../elasticache/elasticache.ts';
import { type Credentials, Sha256 } from '../signature.ts';

/** What the API answered, as it is on the wire. */
export interface ApiAnswer {
  readonly status: number;
  readonly xml: string;
}

/** Signs the form of a call to ElastiCache (`Action=…&Version=…`) as any AWS client does, and sends it to the endpoint. */
export async function callApi(
  endpoint: string,
  credentials: Credentials,
  region: string,
  form: string,
  signal: AbortSignal,
): Promise<ApiAnswer> {
  const { hostname, port, host } = new URL(endpoint);
  const signer = new SignatureV4({ credentials, region, service: elastiCache.name, sha256: Sha256 });
  const signed = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: '/',
    query: {},
    headers: {
      host,
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'user-agent': 'ingress-guard-console',
    },
    body: form,
  });
  // fetch writes the Host header itself, and the same.
  const { host: _, ...headers } = signed.headers;
  const answer = await fetch(endpoint, { method: 'POST', headers, body: form, signal });
  return { status: answer.status, xml: await answer.text() };
}
