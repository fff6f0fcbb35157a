import { AppConfigDataClient, StartConfigurationSessionCommand } from '@aws-sdk/client-appconfigdata';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { REGION } from '../support/examples/grants.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { startEndpoint, toRequest } from '../support/local-aws/local-endpoint.ts';

const says = (name: string) =>
  new RegExp(
    `^The local AWS has no ${name}: it has parts of elasticache, ec2, sts, .*docs/reference/local-aws\\.md says which\\.$`,
  );

describe('a service that is not here', () => {
  test('is refused in the JSON that its SDK reads, with what is here', async () => {
    const { url, calls } = await startEndpoint();
    const ssm = new SSMClient({ region: REGION, endpoint: url, credentials });
    onTestFinished(() => ssm.destroy());

    await expect(ssm.send(new GetParameterCommand({ Name: 'a' }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringMatching(says('ssm')),
      $metadata: { httpStatusCode: 400, attempts: 1 },
    });
    expect(calls).toEqual([]);
  });

  test('is refused in JSON over REST', async () => {
    const { url } = await startEndpoint();
    const appConfig = new AppConfigDataClient({ region: REGION, endpoint: url, credentials });
    onTestFinished(() => appConfig.destroy());
    const input = { ApplicationIdentifier: 'a', EnvironmentIdentifier: 'b', ConfigurationProfileIdentifier: 'c' };

    await expect(appConfig.send(new StartConfigurationSessionCommand(input))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringMatching(says('appconfig')),
    });
  });

  test('is refused in XML where a call is a form', async () => {
    const { sendSigned } = await startEndpoint();

    const request = toRequest('DescribeDBInstances', { Version: '2014-10-31' });
    const { status, body } = await sendSigned(request, { service: 'rds' });

    expect(status).toBe(400);
    expect(body).toMatch(
      /^<ErrorResponse><Error><Type>Sender<\/Type><Code>UnknownOperationException<\/Code><Message>The local AWS has no rds: /,
    );
  });

  test('says nothing to a key that is not good', async () => {
    const { url } = await startEndpoint();
    const ssm = new SSMClient({
      region: REGION,
      endpoint: url,
      credentials: { accessKeyId: 'guess', secretAccessKey: 'a' },
    });
    onTestFinished(() => ssm.destroy());

    await expect(ssm.send(new GetParameterCommand({ Name: 'a' }))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
  });
});
