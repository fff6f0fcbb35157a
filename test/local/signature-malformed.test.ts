import { describe, expect, test } from 'vitest';
import { type LocalEndpoint, startEndpoint, toRequest } from '../support/local-aws/local-endpoint.ts';
import { expectError } from '../support/scripted/answers.ts';
import { type RawRequest, signInHeaders } from '../support/wire/sign.ts';
import { signByHand } from '../support/wire/sign-by-hand.ts';

const describeGroups = toRequest('DescribeCacheSecurityGroups');

async function expectRefused(endpoint: LocalEndpoint, request: RawRequest, status: number, code: string) {
  const message = expectError(await endpoint.send(request), status, code);
  // Nobody who was not let in made a call.
  expect(endpoint.calls).toEqual([]);
  return message;
}

describe('a request without a good signature', () => {
  test.each([
    ['nothing at all', {}],
    ['a session token only', { 'x-amz-security-token': 'token' }],
    ['a date only', { 'x-amz-date': '20260101T000000Z' }],
  ])('is answered MissingAuthenticationToken, with 403, when it has %s', async (_, headers) => {
    const endpoint = await startEndpoint();

    await expectRefused(endpoint, { ...describeGroups, headers }, 403, 'MissingAuthenticationToken');
  });

  const whole = 'Credential=test/20260101/us-east-1/elasticache/aws4_request, SignedHeaders=host, Signature=00';
  test.each([
    '',
    'AWS4-HMAC-SHA256',
    'AWS4-HMAC-SHA256 ',
    'AWS4-HMAC-SHA256 ,,,=,=',
    'AWS4-HMAC-SHA256 Credential',
    `AWS4-HMAC-SHA256 ${whole.replace('Credential', 'Credentials')}`,
    `AWS4-HMAC-SHA256 ${whole.replace('SignedHeaders=host', '')}`,
    `AWS4-HMAC-SHA256 ${whole.replace('Signature=00', 'Signature=')}`,
    `AWS4-HMAC-SHA256 ${whole.replace('/aws4_request', '')}`,
    `AWS4-HMAC-SHA256 ${whole.replace('test/', 'test/a/b/')}`,
    `AWS4-HMAC-SHA256 ${whole.replace('test/20260101/us-east-1', 'test')}`,
    `aws4-hmac-sha256 ${whole}`,
    `AWS4-ECDSA-P256-SHA256 ${whole}`,
    `AWS4-HMAC-SHA256${whole}`,
    'AWS test:frJIUN8DYpKDtOLCwo//yllqDzg=',
    'Basic dGVzdDp0ZXN0',
    'Bearer token',
  ])('is answered IncompleteSignature when its Authorization is: %s', async (authorization) => {
    const endpoint = await startEndpoint();
    const headers = { authorization, 'x-amz-date': '20260101T000000Z' };

    await expectRefused(endpoint, { ...describeGroups, headers }, 400, 'IncompleteSignature');
  });

  test.each([undefined, '', 'yesterday', '2026-01-01T00:00:00Z', '20260101T000000', '20260101T000000ZZ'])(
    'is answered IncompleteSignature when its date is %s',
    async (date) => {
      const endpoint = await startEndpoint();
      const { headers, ...signed } = await signInHeaders(endpoint.url, describeGroups);
      const { 'x-amz-date': _date, ...others } = headers;

      const request = { ...signed, headers: { ...others, ...(date !== undefined && { 'x-amz-date': date }) } };

      await expectRefused(endpoint, request, 400, 'IncompleteSignature');
    },
  );

  test.each(['20261301T000000Z', '20260132T000000Z', '20260101T250000Z', '00000000T000000Z'])(
    'is answered RequestExpired when its date is none: %s',
    async (date) => {
      const endpoint = await startEndpoint();
      const { headers, ...signed } = await signInHeaders(endpoint.url, describeGroups);
      const authorization = (headers.authorization as string).replace(/\/\d{8}\//, `/${date.slice(0, 8)}/`);

      const request = { ...signed, headers: { ...headers, authorization, 'x-amz-date': date } };

      await expectRefused(endpoint, request, 400, 'RequestExpired');
    },
  );

  test.each([
    ['has no date', '//'],
    ['has half a date', '/2026/'],
    ['has another date', '/20200101/'],
  ])('is answered SignatureDoesNotMatch when the scope of its credential %s', async (_, scope) => {
    const endpoint = await startEndpoint();
    const signed = await signInHeaders(endpoint.url, describeGroups);
    const authorization = (signed.headers.authorization as string).replace(/\/\d{8}\//, scope);

    await expectRefused(
      endpoint,
      { ...signed, headers: { ...signed.headers, authorization } },
      403,
      'SignatureDoesNotMatch',
    );
  });

  test('is answered SignatureDoesNotMatch when its host is not signed', async () => {
    const endpoint = await startEndpoint();
    const date = new Date(endpoint.clock.now());

    const request = signByHand(endpoint.url, describeGroups, { date, signedHeaders: ['content-type', 'x-amz-date'] });

    expect(await expectRefused(endpoint, request, 403, 'SignatureDoesNotMatch')).toContain('Host');
  });

  test('is answered SignatureDoesNotMatch when a signed header was changed', async () => {
    const endpoint = await startEndpoint();
    const request = { ...describeGroups, headers: { ...describeGroups.headers, 'x-amz-meta': 'a' } };
    const signed = await signInHeaders(endpoint.url, request);

    const changed = { ...signed, headers: { ...signed.headers, 'x-amz-meta': 'b' } };

    await expectRefused(endpoint, changed, 403, 'SignatureDoesNotMatch');
  });

  test.each(['__proto__', 'constructor', 'host;__proto__', ';', 'host;;', 'host;x-not-there', 'x'.repeat(9000)])(
    'is answered SignatureDoesNotMatch when it calls these headers signed: %s',
    async (names) => {
      const endpoint = await startEndpoint();
      const signed = await signInHeaders(endpoint.url, describeGroups);
      const authorization = (signed.headers.authorization as string).replace(
        /SignedHeaders=[^,]+/,
        `SignedHeaders=${names}`,
      );

      await expectRefused(
        endpoint,
        { ...signed, headers: { ...signed.headers, authorization } },
        403,
        'SignatureDoesNotMatch',
      );
    },
  );
});
