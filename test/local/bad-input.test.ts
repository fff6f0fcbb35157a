import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { type LocalEndpoint, startEndpoint } from '../support/local-aws/local-endpoint.ts';
import { expectError, expectSuccess } from '../support/scripted/answers.ts';
import { exchange, hangUpAfter } from '../support/wire/raw-socket.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const CREATE = 'Action=CreateCacheSecurityGroup&Version=2015-02-02';
const DESCRIBE = 'Action=DescribeCacheSecurityGroups&Version=2015-02-02';

/** Sends a form as it is, signed. */
function sendForm({ sendSigned }: LocalEndpoint, body: string) {
  return sendSigned({ headers: FORM, body });
}

async function expectToAnswer(endpoint: LocalEndpoint): Promise<void> {
  expectSuccess(await endpoint.call('DescribeCacheSecurityGroups'), 'DescribeCacheSecurityGroups');
}

describe('a call that is none', () => {
  test.each([
    '',
    'Version=2015-02-02',
    'Action=&Version=2015-02-02',
    'action=DescribeCacheSecurityGroups',
    '&&&',
    '=',
    '{}',
  ])('is answered MissingAction when the form is %j', async (body) => {
    const endpoint = await startEndpoint();

    expectError(await sendForm(endpoint, body), 400, 'MissingAction');
  });

  test.each([
    'DescribeCacheEngineVersions',
    'ListTagsForResource',
    'describeCacheSecurityGroups',
    'DescribeCacheSecurityGroups ',
    '__proto__',
    'constructor',
    'toString',
    'A'.repeat(10_000),
    '<script>',
    '\u0000',
  ])('is answered InvalidAction for the action %j, and never made', async (action) => {
    const endpoint = await startEndpoint();

    const answer = await endpoint.call(action);

    expect(expectError(answer, 400, 'InvalidAction').length).toBeLessThan(300);
    expect(endpoint.calls).toEqual([]);
  });

  test.each(['2015-02-01', '2014-09-30', '', 'latest', '2015-02-02 '])(
    'is answered InvalidAction for the version %j',
    async (Version) => {
      const endpoint = await startEndpoint();

      const answer = await endpoint.call('DescribeCacheSecurityGroups', { Version });

      expect(expectError(answer, 400, 'InvalidAction')).toContain('DescribeCacheSecurityGroups');
    },
  );

  test('is answered InvalidAction without a version, and the message says so', async () => {
    const endpoint = await startEndpoint();

    const answer = await sendForm(endpoint, 'Action=DescribeCacheSecurityGroups');

    expect(expectError(answer, 400, 'InvalidAction')).toContain('NO_VERSION_SPECIFIED');
  });

  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])(
    'is answered InvalidAction by the method %s',
    async (method) => {
      const endpoint = await startEndpoint();

      const answer = await endpoint.sendSigned({ method, headers: FORM, body: DESCRIBE });

      expectError(answer, 405, 'InvalidAction');
    },
  );

  test('is answered without a body, as HTTP wants it, by the method HEAD', async () => {
    const endpoint = await startEndpoint();

    const answer = await endpoint.sendSigned({ method: 'HEAD', target: `/?${DESCRIBE}` });

    expect(answer).toMatchObject({ status: 405, body: '' });
  });

  test.each(['/elasticache', '//', '/../../etc/passwd', '/%00', '/index.html?Action=x', `/${'a'.repeat(5000)}`])(
    'is answered InvalidAction, with 404, at the path %s',
    async (target) => {
      const endpoint = await startEndpoint();

      const answer = await endpoint.send({ target, headers: FORM, body: DESCRIBE });

      expectError(answer, 404, 'InvalidAction');
    },
  );
});

describe('a form that is none', () => {
  test.each(['%', '%zz', '%4', 'a%', '%ff', '%c3', '%ed%a0%80', '%u0041'])(
    'is answered MalformedQueryString for the percent-encoding %s, in a name or a value, in the form or the query',
    async (broken) => {
      const endpoint = await startEndpoint();

      const answers = [
        await sendForm(endpoint, `${DESCRIBE}&Marker=${broken}`),
        await sendForm(endpoint, `${DESCRIBE}&${broken}=1`),
        await endpoint.send({ method: 'GET', target: `/?${DESCRIBE}&Marker=${broken}` }),
      ];

      for (const answer of answers) expectError(answer, 404, 'MalformedQueryString');
    },
  );

  test.each([
    `${DESCRIBE}&Action=DescribeCacheSecurityGroups`,
    `${DESCRIBE}&Version=2015-02-02`,
    `${DESCRIBE}&x=1&%78=2`,
  ])('is answered InvalidParameterCombination when a parameter is there twice: %s', async (body) => {
    const endpoint = await startEndpoint();

    expectError(await sendForm(endpoint, body), 400, 'InvalidParameterCombination');
  });

  test('is answered InvalidParameterCombination when a parameter is in the query and in the form', async () => {
    const endpoint = await startEndpoint();

    const answer = await endpoint.sendSigned({
      target: '/?MaxRecords=20',
      headers: FORM,
      body: `${DESCRIBE}&MaxRecords=20`,
    });

    expectError(answer, 400, 'InvalidParameterCombination');
  });

  test.each(Array.from({ length: 32 }, (_, code) => `%${code.toString(16).padStart(2, '0')}`))(
    'is answered with well-formed XML when the control character %s is in a name, a value or a parameter',
    async (control) => {
      const endpoint = await startEndpoint();
      const forms = [
        `${CREATE}&CacheSecurityGroupName=a${control}&Description=a`,
        `${CREATE}&CacheSecurityGroupName=a&Description=a${control}`,
        `${CREATE}&Tags.Tag.1${control}=a&CacheSecurityGroupName=a&Description=a`,
        `${DESCRIBE}&Marker=${control}`,
      ];

      for (const form of forms) expectError(await sendForm(endpoint, form), 400, 'InvalidParameterValue');
    },
  );

  test('may have thousands of parameters that nobody knows', async () => {
    const endpoint = await startEndpoint();
    const many = Array.from({ length: 20_000 }, (_, index) => `p${index}=${index}`).join('&');

    const answer = await sendForm(endpoint, `${DESCRIBE}&${many}`);

    expectSuccess(answer, 'DescribeCacheSecurityGroups');
    expect(endpoint.calls[0]?.parameters.size).toBe(0);
  });

  test('is answered TagQuotaPerResourceExceeded for thousands of tags', async () => {
    const endpoint = await startEndpoint();
    const many = Array.from({ length: 9999 }, (_, index) => `Tags.Tag.${index + 1}.Key=k${index}`).join('&');

    const answer = await sendForm(endpoint, `${CREATE}&CacheSecurityGroupName=a&Description=a&${many}`);

    expectError(answer, 400, 'TagQuotaPerResourceExceeded');
  });

  test.each(['CacheSecurityGroupName', 'Marker', 'MaxRecords', 'x'.repeat(100_000)])(
    'is answered briefly when it is long: %s of half a megabyte, there twice',
    async (name) => {
      const endpoint = await startEndpoint();
      const long = `${name}=${'x'.repeat(400_000)}`;

      const answer = await sendForm(endpoint, `${DESCRIBE}&${long}&${name}=1`);

      expect(expectError(answer, 400, 'InvalidParameterCombination').length).toBeLessThan(300);
    },
  );
});

describe('a body over 1 MB', () => {
  const tooLarge = `${DESCRIBE}&x=${'x'.repeat(1024 * 1024)}`;

  test('is answered RequestEntityTooLarge, with 413, whatever it is signed with', async () => {
    const endpoint = await startEndpoint();

    expectError(await endpoint.send({ headers: FORM, body: tooLarge }), 413, 'RequestEntityTooLarge');
    expectError(await sendForm(endpoint, tooLarge), 413, 'RequestEntityTooLarge');
    await expectToAnswer(endpoint);
  });

  test('is refused also when it does not say how long it is, and is not read to its end', async () => {
    const { url } = await startEndpoint();
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    const head = `POST / HTTP/1.1\r\nHost: ${new URL(url).host}\r\nTransfer-Encoding: chunked\r\n\r\n`;

    const received = await exchange(url, head + chunk + chunk);

    expect(received).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('may be 1 MB exactly', async () => {
    const endpoint = await startEndpoint();
    const start = `${DESCRIBE}&x=`;

    const answer = await sendForm(endpoint, start + 'x'.repeat(1024 * 1024 - start.length));

    expectSuccess(answer, 'DescribeCacheSecurityGroups');
  });
});

describe('after rounds and rounds of bad input', () => {
  test('the endpoint answers, and holds no more memory than after the first of them', async () => {
    const endpoint = await startEndpoint();
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;

    async function round(): Promise<number> {
      for (let number = 0; number < 20; number++) {
        const long = 'x'.repeat(200_000);
        await sendForm(endpoint, `${CREATE}&CacheSecurityGroupName=${long}${number}&Description=${long}`);
        await sendForm(endpoint, `${DESCRIBE}&Marker=${long}%`);
        await endpoint.send({ headers: { authorization: `AWS4-HMAC-SHA256 ${number}` }, body: long });
        await hangUpAfter(endpoint.url, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n${long}`);
      }
      (endpoint.calls as unknown[]).length = 0;
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    }

    const afterFirst = await round();
    let afterLast = 0;
    for (let number = 0; number < 4; number++) afterLast = await round();

    expect(afterLast - afterFirst).toBeLessThan(24 * 1024 * 1024);
    await expectToAnswer(endpoint);
  });
});
