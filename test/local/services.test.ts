import { DescribeSecurityGroupsCommand, EC2Client, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { drawFaults, type FaultRates, NO_FAULTS } from '../../src/local/faults.ts';
import { createGroup } from '../support/local-aws/local-ec2.ts';
import { startEndpoint, toRequest } from '../support/local-aws/local-endpoint.ts';
import { expectError, expectSuccess } from '../support/scripted/answers.ts';
import { signInHeaders } from '../support/wire/sign.ts';

const EC2_ERROR = /<Response><Errors><Error><Code>([\w.]+)<\/Code>/;
const describeGroups = toRequest('DescribeSecurityGroups', {}, { service: 'ec2' });

/** The code of an error in EC2's XML. */
function ec2Code({ body }: { readonly body: string }): string | undefined {
  return EC2_ERROR.exec(body)?.[1];
}

describe('a request', () => {
  test('goes to the service that it is signed for, one after the other on one endpoint', async () => {
    const { call, calls } = await startEndpoint();

    const answers = [
      await call('DescribeCacheSecurityGroups'),
      await call('DescribeSecurityGroups', {}, { service: 'ec2' }),
    ];

    expectSuccess(answers[0] as never, 'DescribeCacheSecurityGroups');
    expect(answers[1]?.body).toContain('<DescribeSecurityGroupsResponse ');
    expect(calls.map(({ service, action }) => `${service.name}:${action}`)).toEqual([
      'elasticache:DescribeCacheSecurityGroups',
      'ec2:DescribeSecurityGroups',
    ]);
  });

  test('names a service with its namespace, as the AWS CLI does', async () => {
    const { sendSigned } = await startEndpoint();
    const target = 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents';
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };

    const answer = await sendSigned({ method: 'POST', target: '/', headers, body: '{}' }, { service: 'cloudtrail' });

    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { Events: [] }]);
  });

  test('that is signed for EC2 and calls ElastiCache is answered InvalidAction by EC2', async () => {
    const { sendSigned } = await startEndpoint();

    const answer = await sendSigned(toRequest('DescribeCacheSecurityGroups'), { service: 'ec2' });

    expect([answer.status, ec2Code(answer)]).toEqual([400, 'InvalidAction']);
  });

  test('that is signed for ElastiCache and calls EC2 is answered InvalidAction by ElastiCache', async () => {
    const { sendSigned } = await startEndpoint();

    const answer = await sendSigned(describeGroups);

    expectError(answer, 400, 'InvalidAction');
  });

  test.each([
    ['for EC2 with another key', { secretAccessKey: 'guess' }, 'AuthFailure', 401],
    ['for EC2 by somebody else', { accessKeyId: 'guess' }, 'AuthFailure', 401],
    ['for EC2 in a region that is not there', { region: 'eu-central-1' }, 'AuthFailure', 401],
    ['for EC2 an hour ago', { date: new Date(Date.now() - 3_600_000) }, 'RequestExpired', 400],
    ['for RDS', { service: 'rds' }, 'AuthFailure', 401],
  ])('that is signed %s is refused in EC2’s words', async (_, as, code, status) => {
    const { sendSigned } = await startEndpoint();

    const answer = await sendSigned(describeGroups, { service: 'ec2', ...as });

    expect([answer.status, ec2Code(answer)]).toEqual([status, code]);
  });

  test('that is changed to be of the other service no longer has a good signature', async () => {
    const { url, send } = await startEndpoint();
    const signed = await signInHeaders(url, toRequest('DescribeCacheSecurityGroups'));

    const authorization = signed.headers.authorization?.replace('/elasticache/', '/ec2/');
    const answer = await send({ ...signed, headers: { ...signed.headers, ...(authorization && { authorization }) } });

    expect([answer.status, ec2Code(answer)]).toEqual([401, 'AuthFailure']);
  });

  test('that is not signed goes to the service whose version it names, and is refused in its words', async () => {
    const { send } = await startEndpoint();

    const answers = [await send(describeGroups), await send(toRequest('DescribeCacheSecurityGroups')), await send({})];

    expect(ec2Code(answers[0] as never)).toBe('MissingAuthenticationToken');
    expectError(answers[1] as never, 403, 'MissingAuthenticationToken');
    expectError(answers[2] as never, 403, 'MissingAuthenticationToken');
  });

  test('that is not signed is answered by the service whose version it names where nobody looks at signatures', async () => {
    const { send } = await startEndpoint({ credentials: undefined } as object);

    const answers = [await send(describeGroups), await send(toRequest('DescribeCacheSecurityGroups'))];

    expect(answers[0]?.body).toContain('<DescribeSecurityGroupsResponse ');
    expectSuccess(answers[1] as never, 'DescribeCacheSecurityGroups');
  });
});

describe('an account without EC2-Classic', () => {
  test('has EC2 all the same', async () => {
    const { ec2 } = await startEndpoint({ vpcOnly: true });

    expect(await createGroup(ec2)).toMatch(/^sg-/);
  });
});

describe('a fault', () => {
  const always = (fault: keyof FaultRates) => ({ faults: drawFaults({ ...NO_FAULTS, [fault]: 1 }) });

  test.each([
    ['throttle', { name: 'RequestLimitExceeded', $metadata: { httpStatusCode: 503 } }],
    ['serverError', { name: expect.stringMatching(/^(InternalError|Unavailable)$/), $fault: 'server' }],
    ['cutBefore', { code: 'ECONNRESET' }],
    ['cutAfter', { code: 'ECONNRESET' }],
  ] as const)('happens to calls of EC2 as well: %s', async (fault, error) => {
    const { ec2, calls } = await startEndpoint(always(fault));

    await expect(ec2.send(new DescribeSecurityGroupsCommand({}))).rejects.toMatchObject(error);

    expect(calls).toHaveLength(fault === 'cutAfter' ? 1 : 0);
  });

  test('of both kinds of server errors comes', async () => {
    const { call } = await startEndpoint(always('serverError'));
    const codes = new Set<string>();

    for (let i = 0; i < 30; i++) {
      const answer = await call('DescribeSecurityGroups', {}, { service: 'ec2' });
      codes.add(`${answer.status} ${ec2Code(answer)}`);
    }

    expect(codes).toEqual(new Set(['500 InternalError', '503 Unavailable']));
  });

  test('that throttles is one after which the SDK tries again', async () => {
    let throttled = 0;
    const faults = drawFaults(NO_FAULTS);
    const once = { ...faults, happens: (fault: keyof FaultRates) => fault === 'throttle' && throttled++ === 0 };
    const { url, calls } = await startEndpoint({ faults: once });
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const patient = new EC2Client({ region: 'us-east-1', endpoint: url, credentials });
    onTestFinished(() => patient.destroy());

    const refused = patient.send(new RevokeSecurityGroupIngressCommand({ GroupId: 'sg-12345678' }));

    await expect(refused).rejects.toMatchObject({ name: 'InvalidGroup.NotFound', $metadata: { attempts: 2 } });
    expect(calls).toHaveLength(1);
  });
});
