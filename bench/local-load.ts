import { Agent, request } from 'node:http';
import { CreateCacheSecurityGroupCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../src/local/signature.ts';

export const REGION = 'us-east-1';
export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };
/** As long as the answer to a Describe of one group without grants. */
export const FIXED_BODY = Buffer.alloc(563, 'x');

/** Fills an endpoint with groups `group-0`, `group-1`, ... through the SDK. */
export async function createGroups(endpoint: string, count: number): Promise<void> {
  const client = new ElastiCacheClient({ region: REGION, endpoint, credentials: CREDENTIALS });
  for (let i = 0; i < count; i++) {
    await client.send(new CreateCacheSecurityGroupCommand({ CacheSecurityGroupName: `group-${i}`, Description: 'x' }));
  }
  client.destroy();
}

/** A request, signed once: the signature is good for a quarter of an hour. */
export interface SignedRequest {
  readonly headers: Record<string, string>;
  readonly body: string;
  /** What its answer must hold. */
  readonly expected: string;
}

/** Describes of groups spread over all there are. */
export async function signRequests(url: URL, groups: number): Promise<SignedRequest[]> {
  const signer = new SignatureV4({ credentials: CREDENTIALS, region: REGION, service: 'elasticache', sha256: Sha256 });
  return await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const name = `group-${Math.floor((i / 200) * groups)}`;
      const body = `Action=DescribeCacheSecurityGroups&Version=2015-02-02&CacheSecurityGroupName=${name}`;
      const headers = { host: url.host, 'content-type': 'application/x-www-form-urlencoded' };
      const plain = { method: 'POST', protocol: 'http:', hostname: url.hostname, path: '/', query: {}, headers, body };
      const signed = await signer.sign(plain);
      return { headers: signed.headers, body, expected: `<CacheSecurityGroupName>${name}</CacheSecurityGroupName>` };
    }),
  );
}

/** Sends so many requests, 32 at a time, and gives how many were answered a second. Throws if an answer is wrong. */
export async function measure(
  url: URL,
  requests: readonly SignedRequest[],
  count: number,
  check: boolean,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  let next = 0;
  const send = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const { headers, body, expected } = requests[next++ % requests.length] as SignedRequest;
      const options = { host: url.hostname, port: url.port, method: 'POST', path: '/', headers, agent };
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString('utf8');
          if (response.statusCode === 200 && (!check || answer.includes(expected))) resolve();
          else reject(new Error(`the work was not done: ${response.statusCode} ${answer.slice(0, 200)}`));
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const started = performance.now();
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (next < count) await send();
    }),
  );
  agent.destroy();
  return (count / (performance.now() - started)) * 1000;
}
