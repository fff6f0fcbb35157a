import { expect, test } from 'vitest';
import { ec2Client } from '../../../src/aws/ec2/client.ts';
import { guardsCache } from '../../../src/aws/ec2/guards-cache.ts';
import { REGION } from '../../support/examples/grants.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { ec2Answer, ec2Error, interfacesPage } from '../../support/scripted/ec2-answers.ts';
import { startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';

function ask(url: string): Promise<boolean> {
  return guardsCache(ec2Client({ endpoint: url, credentials, maxAttempts: 1, region: REGION }), 'sg-0a');
}

/** The service that manages an interface, as DescribeNetworkInterfaces has it for what an account can hide. */
const OPERATOR =
  '<managed>true</managed><principal>elasticache.amazonaws.com</principal><hiddenByDefault>true</hiddenByDefault>';
const other = { description: 'a bastion', requesterId: undefined, requesterManaged: 'false' };
const ofEndpoint = { ...other, description: 'VPC Endpoint Interface vpce-0a', interfaceType: 'vpc_endpoint' };

function endpointFor(serviceName: string) {
  const item = `<item><vpcEndpointId>vpce-0a</vpcEndpointId><serviceName>${serviceName}</serviceName></item>`;
  return ec2Answer('DescribeVpcEndpoints', `<vpcEndpointSet>${item}</vpcEndpointSet>`);
}

test.each([
  ['a node', {}],
  ['whatever ElastiCache made', { description: 'something new' }],
  ['what ElastiCache manages, whoever made it', { ...other, description: 'something new', operator: OPERATOR }],
  ['what AWS manages and calls a node', { requesterId: 'AROAEXAMPLEEXAMPLE001:ElastiCache' }],
])('a security group guards a cache when %s is in it, on whichever page', async (_, changes) => {
  await using endpoint = await startScriptedEndpoint(interfacesPage([other], 'b'), interfacesPage([other, changes]));

  expect(await ask(endpoint.url)).toBe(true);
  expect(endpoint.requests.map((request) => request.get('IncludeManagedResources'))).toEqual(['true', 'true']);
});

test('a security group guards a cache when the endpoint of a serverless cache is in it', async () => {
  const serverless = endpointFor('com.amazonaws.elasticache.serverless.us-east-1.vpce-svc-0a');
  await using endpoint = await startScriptedEndpoint(interfacesPage([other, ofEndpoint]), serverless);

  expect(await ask(endpoint.url)).toBe(true);
});

test('a security group guards no cache when other things are in it, whatever they are called', async () => {
  const posing = { ...other, description: 'ElastiCache sessions' };
  const ofS3 = endpointFor('com.amazonaws.us-east-1.s3');
  await using endpoint = await startScriptedEndpoint(interfacesPage([other, posing, ofEndpoint]), ofS3);

  expect(await ask(endpoint.url)).toBe(false);
});

test('a security group guards no cache when nothing is in it', async () => {
  await using endpoint = await startScriptedEndpoint(interfacesPage([]));

  expect(await ask(endpoint.url)).toBe(false);
});

test('it is not guessed whether a security group guards a cache when EC2 refuses to say', async () => {
  await using endpoint = await startScriptedEndpoint(ec2Error(403, 'UnauthorizedOperation'));

  await expect(ask(endpoint.url)).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
});
