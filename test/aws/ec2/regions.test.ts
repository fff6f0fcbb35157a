import { expect, test } from 'vitest';
import { listRegions } from '../../../src/aws/ec2/regions.ts';
import { REGION } from '../../support/examples/grants.ts';
import { stubEnvironment } from '../../support/functions/aws-environment.ts';
import { ec2Answer } from '../../support/scripted/ec2-answers.ts';
import { startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';

const regionsAnswer = (...names: readonly string[]) => {
  const items = names.map((name) => `<item><regionName>${name}</regionName></item>`);
  return ec2Answer('DescribeRegions', `<regionInfo>${items.join('')}</regionInfo>`);
};

test.each([
  ['enabled', null],
  ['all', 'true'],
] as const)('the regions that are there are listed: %s', async (which, allRegions) => {
  await using endpoint = await startScriptedEndpoint(regionsAnswer('us-east-1', 'eu-west-1'));
  stubEnvironment({ AWS_ENDPOINT_URL_EC2: endpoint.url });

  const regions = await listRegions({ region: REGION }, which);

  expect(regions).toEqual(['eu-west-1', 'us-east-1']);
  expect(endpoint.requests.map((request) => request.get('AllRegions'))).toEqual([allRegions]);
});

test('no region at all is no answer', async () => {
  await using endpoint = await startScriptedEndpoint(regionsAnswer());
  stubEnvironment({ AWS_ENDPOINT_URL_EC2: endpoint.url });

  await expect(listRegions({ region: REGION }, 'enabled')).rejects.toThrow('EC2 named no region');
});
