import { DescribeCacheSubnetGroupsCommand, paginateDescribeCacheSubnetGroups } from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../../../support/examples/grants.ts';
import { createSubnetGroup, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';
import { expectError } from '../../../support/scripted/answers.ts';

const ACTION = 'DescribeCacheSubnetGroups';

describe(ACTION, () => {
  test('shows the one that every account has, which is in the default VPC', async () => {
    const { sdk, region } = await startWithSecurityGroups();
    const { defaultVpcId } = region.securityGroups;

    const { CacheSubnetGroups } = await sdk.send(new DescribeCacheSubnetGroupsCommand({}));

    expect(CacheSubnetGroups).toEqual([
      {
        CacheSubnetGroupName: 'default',
        CacheSubnetGroupDescription: 'Default CacheSubnetGroup',
        VpcId: defaultVpcId,
        Subnets: [
          {
            SubnetIdentifier: defaultVpcId.replace('vpc-', 'subnet-'),
            SubnetAvailabilityZone: { Name: 'us-east-1a' },
          },
        ],
        ARN: `arn:aws:elasticache:us-east-1:${ACCOUNT}:subnetgroup:default`,
      },
    ]);
  });

  test('shows one by its name, in any case', async () => {
    const endpoint = await startWithSecurityGroups();
    const { otherVpcId } = endpoint.region.securityGroups;
    await createSubnetGroup(endpoint, 'app-subnets', otherVpcId);
    const command = new DescribeCacheSubnetGroupsCommand({ CacheSubnetGroupName: 'APP-subnets' });

    const { CacheSubnetGroups } = await endpoint.sdk.send(command);

    expect(CacheSubnetGroups).toMatchObject([{ CacheSubnetGroupName: 'app-subnets', VpcId: otherVpcId }]);
  });

  test('shows every one once, page by page', async () => {
    const endpoint = await startWithSecurityGroups();
    const { defaultVpcId } = endpoint.region.securityGroups;
    const names = Array.from({ length: 21 }, (_, index) => `a-${index + 10}`);
    for (const name of names) await createSubnetGroup(endpoint, name, defaultVpcId);
    const pages: (string | undefined)[][] = [];

    for await (const page of paginateDescribeCacheSubnetGroups({ client: endpoint.sdk, pageSize: 20 }, {}))
      pages.push((page.CacheSubnetGroups ?? []).map(({ CacheSubnetGroupName }) => CacheSubnetGroupName));

    expect(pages.map(({ length }) => length)).toEqual([20, 2]);
    expect(pages.flat()).toEqual([...names, 'default']);
  });

  test('answers CacheSubnetGroupNotFoundFault, with 400 as in AWS’s model, for a name that is not there', async () => {
    const { call } = await startWithSecurityGroups();

    const answer = await call(ACTION, { CacheSubnetGroupName: 'nowhere' });

    expect(expectError(answer, 400, 'CacheSubnetGroupNotFoundFault')).toContain('nowhere');
  });
});
