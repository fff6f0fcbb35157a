import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { expect, onTestFinished, test } from 'vitest';
import { prepareClient } from '../../src/aws/clients.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';

test("a service that takes a call and does not answer is named, and not in words of the SDK's handler", async () => {
  await using endpoint = await startScriptedEndpoint('silence');
  const requestHandler = { requestTimeout: 50, throwOnRequestTimeout: true };
  const config = { region: 'us-east-1', endpoint: endpoint.url, credentials, maxAttempts: 1, requestHandler };
  const client = prepareClient(new EC2Client(config), { DescribeRegions: 'Regions' });
  onTestFinished(() => client.destroy());

  const failed = client.send(new DescribeRegionsCommand({}));

  await expect(failed).rejects.toMatchObject({
    name: 'TimeoutError',
    message: 'EC2 did not answer in time: check the network, proxies and AWS_ENDPOINT_URL',
  });
});
