import { CreateCacheSubnetGroupCommand } from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { createSubnetGroup, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';
import { expectError } from '../../../support/scripted/answers.ts';

const ACTION = 'CreateCacheSubnetGroup';
const NAME = { CacheSubnetGroupName: 'app-subnets', CacheSubnetGroupDescription: 'Of the shop' };

/** An endpoint, and the one subnet of each of its two VPCs. */
async function start() {
  const endpoint = await startWithSecurityGroups();
  const { defaultVpcId, otherVpcId } = endpoint.region.securityGroups;
  const subnets = [defaultVpcId, otherVpcId].map((vpcId) => vpcId.replace('vpc-', 'subnet-'));
  return { ...endpoint, subnets, otherVpcId };
}

describe(ACTION, () => {
  test('answers with the cache subnet group, which is in the VPC of its subnets', async () => {
    const { sdk, subnets, otherVpcId } = await start();
    const SubnetIds = [subnets[1] as string];

    const answer = await sdk.send(
      new CreateCacheSubnetGroupCommand({ ...NAME, CacheSubnetGroupName: 'App-Subnets', SubnetIds }),
    );

    expect(answer.CacheSubnetGroup).toMatchObject({
      ...NAME,
      VpcId: otherVpcId,
      Subnets: [{ SubnetIdentifier: subnets[1] }],
    });
  });

  test('answers InvalidSubnet for a subnet that is not there, for none, and for subnets of two VPCs', async () => {
    const { sdk, region, subnets } = await start();
    const create = (SubnetIds: string[]) => sdk.send(new CreateCacheSubnetGroupCommand({ ...NAME, SubnetIds }));

    for (const ids of [['subnet-12345678'], [], subnets, [...subnets, 'subnet-12345678']]) {
      await expect(create(ids)).rejects.toMatchObject({ name: 'InvalidSubnet' });
    }
    expect(region.caches.subnetGroups.all()).toHaveLength(1);
  });

  test('answers CacheSubnetGroupAlreadyExists for a name that is there, whatever its case', async () => {
    const endpoint = await start();
    await createSubnetGroup(endpoint, 'app-subnets', endpoint.otherVpcId);
    const parameters = { ...NAME, CacheSubnetGroupName: 'APP-SUBNETS' };

    const answer = await endpoint.call(ACTION, parameters);

    expect(expectError(answer, 400, 'CacheSubnetGroupAlreadyExists')).toContain('app-subnets');
  });

  test.each(['CacheSubnetGroupName', 'CacheSubnetGroupDescription'])(
    'answers MissingParameter without %s',
    async (parameter) => {
      const { call } = await start();
      const others = Object.fromEntries(Object.entries(NAME).filter(([name]) => name !== parameter));

      expect(expectError(await call(ACTION, others), 400, 'MissingParameter')).toContain(parameter);
    },
  );
});
