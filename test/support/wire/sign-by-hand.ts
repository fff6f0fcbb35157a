import { createHash, createHmac } from 'node:crypto';
import { REGION } from '../examples/grants.ts';
import { credentials } from '../local-aws/local-elasticache.ts';
import type { RawRequest } from './sign.ts';

/**
 * Signs a POST without a query step by step as AWS's documentation says, with no part of any SDK.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * @param signedHeaders in order of their names.
 */
export function signByHand(
  url: string,
  request: RawRequest,
  { date, signedHeaders }: { readonly date: Date; readonly signedHeaders: readonly string[] },
): RawRequest {
  const time = date.toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const headers: Record<string, string> = { ...request.headers, host: new URL(url).host, 'x-amz-date': time };
  const canonicalRequest = [
    request.method,
    '/',
    '',
    ...signedHeaders.map((name) => `${name}:${headers[name]}`),
    '',
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
  const scope = `${day}/${REGION}/elasticache/aws4_request`;
  const stringToSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonicalRequest)].join('\n');
  const key = [day, REGION, 'elasticache', 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${credentials.secretAccessKey}`,
  );
  const signature = Buffer.from(hmac(key, stringToSign)).toString('hex');
  const credential = `${credentials.accessKeyId}/${scope}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
  return { ...request, headers: { ...headers, authorization } };
}

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
