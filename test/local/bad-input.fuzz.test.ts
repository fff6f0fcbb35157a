import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LocalEndpoint, startEndpoint, TRANSITION } from '../support/local-aws/local-endpoint.ts';
import { type Answer, errorCodeOf, expectError, expectSuccess } from '../support/scripted/answers.ts';
import { harmless, times } from '../support/tools/fuzz.ts';

const ACTIONS = [
  'CreateCacheSecurityGroup',
  'DescribeCacheSecurityGroups',
  'AuthorizeCacheSecurityGroupIngress',
  'RevokeCacheSecurityGroupIngress',
  'DeleteCacheSecurityGroup',
];
const PARAMETERS = [
  'CacheSecurityGroupName',
  'Description',
  'EC2SecurityGroupName',
  'EC2SecurityGroupOwnerId',
  'MaxRecords',
  'Marker',
  'Tags.Tag.1.Key',
  'Tags.Tag.1.Value',
  'Tags.Tag.01.Key',
  'Tags',
  '__proto__',
];
const STATUSES = [200, 400, 403, 404];

const anything = fc.string({ unit: 'binary', maxLength: 40 });
const value = fc.oneof(
  anything,
  fc.constantFrom('sessions', 'default', 'web', '111122223333', '20', '', 'constructor'),
);
const call = fc.record({
  action: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...ACTIONS) }, { weight: 1, arbitrary: anything }),
  parameters: fc.dictionary(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...PARAMETERS) }, { weight: 1, arbitrary: anything }),
    value,
  ),
});

/** Whatever it is: an answer that a client can read, and no defect of ours. */
function expectReadable(answer: Answer): void {
  expect(STATUSES).toContain(answer.status);
  if (answer.status === 200) expect(errorCodeOf(answer)).toBeUndefined();
  else expectError(answer, answer.status, errorCodeOf(answer) as string);
}

async function expectToAnswer({ call }: LocalEndpoint): Promise<void> {
  expectSuccess(await call('DescribeCacheSecurityGroups'), 'DescribeCacheSecurityGroups');
}

describe('whatever comes in', () => {
  test('any call with any values is answered in XML, with a status of AWS’s', async () => {
    const endpoint = await startEndpoint();
    await fc.assert(
      fc.asyncProperty(call, fc.constantFrom('GET', 'POST'), async ({ action, parameters }, method) => {
        endpoint.clock.advance(TRANSITION / 2);
        expectReadable(await harmless(() => endpoint.call(action, wellFormed(parameters), { method })));
      }),
      times(400),
    );
    await expectToAnswer(endpoint);
  });

  test('any bytes in the form are answered in XML, with a status of AWS’s', async () => {
    const endpoint = await startEndpoint({ credentials: undefined } as object);
    const form = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc
        .string({ unit: fc.constantFrom(...'&=%+;Action20Tags.15-é\u0000'), maxLength: 80 })
        .map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(form, fc.boolean(), async (bytes, asCall) => {
        const start = asCall ? 'Action=CreateCacheSecurityGroup&Version=2015-02-02&CacheSecurityGroupName=a&' : '';
        const body = Buffer.concat([Buffer.from(start), bytes]);
        expectReadable(await harmless(() => endpoint.send({ body })));
      }),
      times(400),
    );
    await expectToAnswer(endpoint);
  });

  test('any query and any Authorization are answered in XML, with a status of AWS’s', async () => {
    const endpoint = await startEndpoint();
    const visible = fc.string({
      unit: fc.constantFrom(...'AWS4-HMAC-SHA256 ,;=/%+&XZCredentialSignedHeaders019'),
      maxLength: 60,
    });
    const authorization = fc.oneof(
      visible,
      visible.map((text) => `AWS4-HMAC-SHA256 ${text}`),
      fc
        .tuple(visible, visible, visible)
        .map(([a, b, c]) => `AWS4-HMAC-SHA256 Credential=${a}, SignedHeaders=${b}, Signature=${c}`),
    );
    const query = visible.map((text) => text.replaceAll(' ', ''));
    await fc.assert(
      fc.asyncProperty(
        fc.option(authorization),
        query,
        fc.constantFrom('GET', 'POST'),
        async (header, text, method) => {
          const headers = {
            'x-amz-date': '20260101T000000Z',
            ...(header !== null && { authorization: header.trim() }),
          };
          expectReadable(await harmless(() => endpoint.send({ method, target: `/?${text}`, headers })));
        },
      ),
      times(400),
    );
    await expectToAnswer(endpoint);
  });
});

/** What can be percent-encoded. */
function wellFormed(parameters: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, text]) => [name.toWellFormed(), text.toWellFormed()]),
  );
}
