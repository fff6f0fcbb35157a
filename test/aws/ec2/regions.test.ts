import { expect, test } from 'vitest';
import { listRegions } from '../../../src/aws/ec2/regions.ts';
import { REGION } from '../../support/examples/grants.ts';
import { stubEnvironment } from '../../support/functions/aws-environment.ts';
import { ec2Answer } from '../../support/scripted/ec2-answers.ts';
import { startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';

const regionsAnswer = (...regions: readonly (readonly [name: string, status?: string])[]) => {
  const items = regions.map(([name, status]) => {
    const optIn = status === undefined ? '' : `<optInStatus>${status}</optInStatus>`;
    return `<item><regionName>${name}</regionName>${optIn}</item>`;
  });
  return ec2Answer('DescribeRegions', `<regionInfo>${items.join('')}</regionInfo>`);
};

test('all regions are listed, and those that the account has enabled', async () => {
  await using endpoint = await startScriptedEndpoint(
    regionsAnswer(
      ['us-east-1', 'opt-in-not-required'],
      ['me-south-1', 'not-opted-in'],
      ['af-south-1', 'opted-in'],
      ['eu-west-1'],
    ),
  );
  stubEnvironment({ AWS_ENDPOINT_URL_EC2: endpoint.url });

  const regions = await listRegions({ region: REGION });

  expect(regions).toEqual({
    all: ['af-south-1', 'eu-west-1', 'me-south-1', 'us-east-1'],
    enabled: ['af-south-1', 'eu-west-1', 'us-east-1'],
  });
  expect(endpoint.requests.map((request) => request.get('AllRegions'))).toEqual(['true']);
});

test.each<[string, ReturnType<typeof regionsAnswer>]>([
  ['no region', regionsAnswer()],
  ['only others', regionsAnswer(['eu-west-1', 'opt-in-not-required'])],
  ['the region that is asked as not enabled', regionsAnswer([REGION, 'not-opted-in'])],
])('an answer that lists %s is an error', async (_, answer) => {
  await using endpoint = await startScriptedEndpoint(answer);
  stubEnvironment({ AWS_ENDPOINT_URL_EC2: endpoint.url });

  await expect(listRegions({ region: REGION })).rejects.toThrow(`EC2 in ${REGION} did not list that region itself`);
});
