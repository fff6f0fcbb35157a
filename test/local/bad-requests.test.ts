import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LocalEndpoint, startEndpoint } from '../support/local-aws/local-endpoint.ts';
import { times } from '../support/tools/fuzz.ts';

const ORGANIZATIONS = 'AWSOrganizationsV20161128.ListAccounts';

function callJson({ sendSigned }: LocalEndpoint, service: string, target: string, body: string) {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  return sendSigned({ headers, body }, { service });
}

describe('a request in JSON', () => {
  test.each([
    ['that is no JSON', ORGANIZATIONS, '{', 'SerializationException'],
    ['that is no object', ORGANIZATIONS, '[]', 'SerializationException'],
    ['for an operation that is not there', 'AWSOrganizationsV20161128.CloseAccount', '{}', 'UnknownOperationException'],
    ['for another service', 'AWSEvents.PutEvents', '{}', 'UnknownOperationException'],
    ['without a target', '', '{}', 'UnknownOperationException'],
    ['of an account without an organization', ORGANIZATIONS, '', 'AWSOrganizationsNotInUseException'],
  ])('%s is refused by its service', async (_, target, body, type) => {
    const endpoint = await startEndpoint();

    const answer = await callJson(endpoint, 'organizations', target, body);

    expect([answer.status, answer.headers['content-type'], answer.headers['x-amzn-errortype']]).toEqual([
      400,
      'application/x-amz-json-1.1',
      type,
    ]);
    expect(JSON.parse(answer.body)).toMatchObject({ __type: type, message: expect.stringMatching(/^\S/) });
  });

  test('that is not signed is answered by the service that its target names', async () => {
    const { send } = await startEndpoint();

    const answer = await send({ headers: { 'x-amz-target': ORGANIZATIONS }, body: '{}' });

    expect(JSON.parse(answer.body)).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  });

  test('is refused, and breaks nothing, whatever it holds', async () => {
    const endpoint = await startEndpoint();
    const body = fc.record(
      {
        Entries: fc.jsonValue(),
        QueueUrl: fc.jsonValue(),
        AttributeNames: fc.jsonValue(),
        Name: fc.jsonValue(),
        EventBusName: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const call = fc.constantFrom(
      ['events', 'AWSEvents.PutEvents'],
      ['events', 'AWSEvents.DescribeRule'],
      ['sqs', 'AmazonSQS.GetQueueAttributes'],
    );

    await fc.assert(
      fc.asyncProperty(call, body, async ([service = '', target = ''], members) => {
        const { status } = await callJson(endpoint, service, target, JSON.stringify(members));

        expect([200, 400]).toContain(status);
      }),
      times(50),
    );
  });
});

describe('a request to S3', () => {
  test.each([
    ['of another kind', { method: 'DELETE', target: '/bucket/key' }, 501, 'NotImplemented'],
    ['with a path that is broken', { method: 'GET', target: '/bucket/%E0%A4%A' }, 400, 'InvalidURI'],
  ])('%s is refused', async (_, request, status, code) => {
    const { sendSigned } = await startEndpoint();

    const answer = await sendSigned(request, { service: 's3' });

    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(`<Code>${code}</Code>`)]);
  });
});
