import { createHash } from 'node:crypto';
import { DescribeCacheSecurityGroupsCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { type LocalEndpoint, startEndpoint, toRequest } from '../support/local-aws/local-endpoint.ts';
import { expectError, expectSuccess } from '../support/scripted/answers.ts';
import { type RawRequest, type SignedAs, signInHeaders } from '../support/wire/sign.ts';
import { signByHand } from '../support/wire/sign-by-hand.ts';

const MINUTE = 60_000;
const DESCRIBE = 'DescribeCacheSecurityGroups';
const describeGroups = toRequest(DESCRIBE);

type Sign = (url: string, request: RawRequest, as?: SignedAs) => Promise<RawRequest>;

/** The ways there are to sign a call of DescribeCacheSecurityGroups. */
const WAYS: readonly (readonly [string, Sign, RawRequest])[] = [
  ['POST, signed in its headers', signInHeaders, toRequest(DESCRIBE)],
  ['GET, signed in its headers', signInHeaders, toRequest(DESCRIBE, { MaxRecords: '20' }, { method: 'GET' })],
];

async function expectRefused(endpoint: LocalEndpoint, request: RawRequest, status: number, code: string) {
  const message = expectError(await endpoint.send(request), status, code);
  // Nobody who was not let in made a call.
  expect(endpoint.calls).toEqual([]);
  return message;
}

describe.each(WAYS)('a %s', (_, sign, request) => {
  test('is let in', async () => {
    const endpoint = await startEndpoint();

    const answer = await endpoint.send(await sign(endpoint.url, request));

    expectSuccess(answer, DESCRIBE);
  });

  test('is let in with a session token, which is signed too', async () => {
    const endpoint = await startEndpoint();

    const answer = await endpoint.send(await sign(endpoint.url, request, { sessionToken: 'a/b+c==' }));

    expectSuccess(answer, DESCRIBE);
  });

  test.each([
    ['InvalidClientTokenId', 'an access key id that is not known', { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }],
    ['SignatureDoesNotMatch', 'another secret access key', { secretAccessKey: 'tesT' }],
    ['SignatureDoesNotMatch', 'another service', { service: 'rds' }],
    ['SignatureDoesNotMatch', 'a region that there is not', { region: 'mars-north-1' }],
  ])('is answered %s, with 403, when it is signed by %s', async (code, _why, as) => {
    const endpoint = await startEndpoint();

    await expectRefused(endpoint, await sign(endpoint.url, request, as), 403, code);
  });

  test('is answered SignatureDoesNotMatch when a parameter was changed after signing', async () => {
    const endpoint = await startEndpoint();
    const { target, body, ...signed } = await sign(endpoint.url, request);
    const changed = (text: string) =>
      text.replace('MaxRecords=20', 'MaxRecords=21').replace('2015-02-02', '2015-02-03');

    await expectRefused(
      endpoint,
      { ...signed, target: changed(target), body: changed(String(body)) },
      403,
      'SignatureDoesNotMatch',
    );
  });

  test('is answered SignatureDoesNotMatch when a parameter was added after signing', async () => {
    const endpoint = await startEndpoint();
    const signed = await sign(endpoint.url, request);
    const target = `${signed.target}${signed.target.includes('?') ? '&' : '?'}Marker=x`;

    await expectRefused(endpoint, { ...signed, target }, 403, 'SignatureDoesNotMatch');
  });

  test('is answered SignatureDoesNotMatch when a body was put under it after signing', async () => {
    const endpoint = await startEndpoint();
    const signed = await sign(endpoint.url, request);

    await expectRefused(endpoint, { ...signed, body: `${signed.body}&Marker=x` }, 403, 'SignatureDoesNotMatch');
  });

  test('is answered SignatureDoesNotMatch when it was signed for another host', async () => {
    const endpoint = await startEndpoint();
    const signed = await sign('http://elasticache.us-east-1.amazonaws.com', request);
    const { host: _host, ...headers } = signed.headers;

    await expectRefused(endpoint, { ...signed, headers }, 403, 'SignatureDoesNotMatch');
  });

  test('is answered SignatureDoesNotMatch when its method was changed after signing', async () => {
    const endpoint = await startEndpoint();
    const signed = await sign(endpoint.url, request);

    await expectRefused(
      endpoint,
      { ...signed, method: request.method === 'GET' ? 'POST' : 'GET' },
      403,
      'SignatureDoesNotMatch',
    );
  });

  test('may be signed by a clock that is 15 minutes fast', async () => {
    const endpoint = await startEndpoint();
    const date = new Date(endpoint.clock.now() + 15 * MINUTE - 1000);

    expectSuccess(await endpoint.send(await sign(endpoint.url, request, { date })), DESCRIBE);
  });

  test('is answered RequestExpired when the clock it is signed by is faster than that', async () => {
    const endpoint = await startEndpoint();
    const date = new Date(endpoint.clock.now() + 15 * MINUTE + 1000);

    await expectRefused(endpoint, await sign(endpoint.url, request, { date }), 400, 'RequestExpired');
  });

  test('is answered RequestExpired when it is sent again after its time', async () => {
    const endpoint = await startEndpoint();
    const signed = await sign(endpoint.url, request);

    endpoint.clock.advance(14 * MINUTE);
    expectSuccess(await endpoint.send(signed), DESCRIBE);
    endpoint.clock.advance(2 * MINUTE);

    expectError(await endpoint.send(signed), 400, 'RequestExpired');
  });
});

describe('the hash of the body', () => {
  test('is the server’s own: a body that was changed is found out whatever x-amz-content-sha256 says', async () => {
    const endpoint = await startEndpoint();
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    const request = { ...describeGroups, headers: { 'x-amz-content-sha256': hash(describeGroups.body) } };
    const signed = await signInHeaders(endpoint.url, request);

    expectSuccess(await endpoint.send(signed), DESCRIBE);
    const body = `${signed.body}&Marker=x`;
    expectError(await endpoint.send({ ...signed, body }), 403, 'SignatureDoesNotMatch');
    const headers = { ...signed.headers, 'x-amz-content-sha256': hash(body) };
    expectError(await endpoint.send({ ...signed, body, headers }), 403, 'SignatureDoesNotMatch');
  });

  test.each(['0'.repeat(64), 'UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', ''])(
    'is answered SignatureDoesNotMatch when x-amz-content-sha256, signed, says %s',
    async (claimed) => {
      const endpoint = await startEndpoint();
      const request = { ...describeGroups, headers: { 'x-amz-content-sha256': claimed } };

      const signed = await signInHeaders(endpoint.url, request);

      await expectRefused(endpoint, signed, 403, 'SignatureDoesNotMatch');
    },
  );

  test('is that of the bytes: those that are no text do not pass for the text they would be taken for', async () => {
    const endpoint = await startEndpoint();
    const signed = await signInHeaders(endpoint.url, { ...describeGroups, body: `${describeGroups.body}&X=\ufffd` });
    const body = Buffer.concat([Buffer.from(`${describeGroups.body}&X=`), Buffer.from([0xff])]);

    const answer = await endpoint.send({ ...signed, body });

    expectError(answer, 404, 'MalformedQueryString');
  });
});

test('a presigned request, which nobody makes of these services, is answered MissingAuthenticationToken', async () => {
  const endpoint = await startEndpoint();
  const { target, ...get } = toRequest(DESCRIBE, {}, { method: 'GET' });
  const signature = 'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-SignedHeaders=host&X-Amz-Signature=0';

  await expectRefused(endpoint, { ...get, target: `${target}&${signature}` }, 403, 'MissingAuthenticationToken');
});

describe('signatures', () => {
  test.each([
    ['botocore', ['content-type', 'host', 'x-amz-date']],
    ['the least that there must be', ['host', 'x-amz-date']],
  ])('are those of AWS’s documentation, here made by hand, signing the headers of %s', async (_, signedHeaders) => {
    const endpoint = await startEndpoint();
    const date = new Date(endpoint.clock.now());
    const request = toRequest('DescribeCacheSecurityGroups', { MaxRecords: '20', Odd: ' a+b&c=d/ü*~' }, { space: '+' });

    const answer = await endpoint.send(signByHand(endpoint.url, request, { date, signedHeaders }));

    expectSuccess(answer, DESCRIBE);
  });

  test('of the JavaScript SDK are looked at too', async () => {
    const { url } = await startEndpoint();
    const wrong = { ...credentials, secretAccessKey: 'wrong' };
    const sdk = new ElastiCacheClient({ region: 'us-east-1', endpoint: url, credentials: wrong, maxAttempts: 1 });

    const refused = sdk.send(new DescribeCacheSecurityGroupsCommand({}));

    await expect(refused).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
    });
  });

  test.each([
    ['none', {}],
    [
      'a wrong one',
      {
        authorization:
          'AWS4-HMAC-SHA256 Credential=a/20200101/eu-west-1/elasticache/aws4_request, SignedHeaders=host, Signature=0',
      },
    ],
    ['nonsense', { authorization: 'nonsense' }],
  ])('do not matter to an endpoint without credentials: %s', async (_, headers) => {
    const settings = { credentials: undefined } as object;
    const endpoint = await startEndpoint(settings);

    const answer = await endpoint.send({ ...describeGroups, headers });

    expectSuccess(answer, DESCRIBE);
  });

  test('still name the region to an endpoint without credentials', async () => {
    const endpoint = await startEndpoint({ credentials: undefined } as object);
    for (const region of ['eu-west-1', 'mars-north-1']) {
      await endpoint.sendSigned(describeGroups, { region, secretAccessKey: 'whatever' });
    }

    expect(endpoint.calls.map(({ region }) => region)).toEqual(['eu-west-1', 'us-east-1']);
  });
});
