import {
  DescribeRegionsCommand,
  DescribeSecurityGroupsCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { CreateCacheSecurityGroupCommand, DescribeCacheSecurityGroupsCommand } from '@aws-sdk/client-elasticache';
import { EventBridgeClient, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, test } from 'vitest';
import type { AccountFaults } from '../../src/local/account-faults.ts';
import type { Misplaced } from '../../src/local/misplaced.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { startAws } from '../support/local-aws/local-aws.ts';
import { createGroup, ec2ClientFor } from '../support/local-aws/local-ec2.ts';
import { OTHER_REGION } from '../support/local-aws/local-endpoint.ts';
import {
  ec2As,
  elastiCacheAs,
  kept,
  MEMBER,
  OTHER_MEMBER,
  type StartedOrganization,
  startOrganization,
} from '../support/local-aws/organization.ts';

const name = { CacheSecurityGroupName: 'sessions' };
const describeGroups = new DescribeSecurityGroupsCommand();

function faulty(started: StartedOrganization, faults: AccountFaults, who = MEMBER): void {
  Object.assign(started.aws.accounts.find(who) as object, { faults });
}

describe('an account', () => {
  test('has cache security groups, caches and security groups of its own', async () => {
    const started = await startOrganization();
    const create = new CreateCacheSecurityGroupCommand({ ...name, Description: 'Of the shop' });
    await elastiCacheAs(started, MEMBER).send(create);
    const groupId = await createGroup(ec2As(started, MEMBER));

    const there = await elastiCacheAs(started, MEMBER).send(new DescribeCacheSecurityGroupsCommand(name));
    const elsewhere = await elastiCacheAs(started, OTHER_MEMBER)
      .send(new DescribeCacheSecurityGroupsCommand(name))
      .catch((error: Error) => error.name);
    const { SecurityGroups = [] } = await ec2As(started, OTHER_MEMBER).send(describeGroups);

    expect(there.CacheSecurityGroups?.map(({ OwnerId }) => OwnerId)).toEqual([MEMBER]);
    expect(elsewhere).toBe('CacheSecurityGroupNotFoundFault');
    expect(SecurityGroups.map(({ GroupId }) => GroupId)).not.toContain(groupId);
    expect(new Set(SecurityGroups.map(({ OwnerId }) => OwnerId))).toEqual(new Set([OTHER_MEMBER]));
  });

  test('has records that name it, and its own user', async () => {
    const started = await startOrganization();

    await createGroup(ec2As(started, MEMBER));

    expect(started.events).toMatchObject([
      {
        account: MEMBER,
        region: REGION,
        detail: {
          recipientAccountId: MEMBER,
          userIdentity: { type: 'IAMUser', accountId: MEMBER, arn: `arn:aws:iam::${MEMBER}:user/local` },
        },
      },
    ]);
  });

  test('is known by its key: that of another account with its secret is nobody’s', async () => {
    const started = await startOrganization();
    const [own, other] = [MEMBER, OTHER_MEMBER].map((id) => started.aws.accounts.find(id)?.credentials);
    if (own === undefined || other === undefined) throw new Error('there are no keys');

    const mixed = ec2As(started, { accessKeyId: own.accessKeyId, secretAccessKey: other.secretAccessKey });

    await expect(mixed.send(describeGroups)).rejects.toMatchObject({ name: 'AuthFailure' });
  });
});

describe('DescribeRegions', () => {
  test('lists the regions that the account has enabled, and all if it is asked for all', async () => {
    const started = await startOrganization({}, { regions: [REGION, OTHER_REGION, 'eu-south-2', 'me-south-1'] });
    faulty(started, { optOut: ['me-south-1'] });
    const ask = async (input: { AllRegions?: boolean; RegionNames?: string[] }) => {
      const { Regions } = await ec2As(started, MEMBER).send(new DescribeRegionsCommand(input));
      return Regions?.map(({ RegionName, OptInStatus }) => [RegionName, OptInStatus]);
    };
    const enabled = [
      ['eu-south-2', 'opted-in'],
      [OTHER_REGION, 'opt-in-not-required'],
      [REGION, 'opt-in-not-required'],
    ];

    expect(await ask({})).toEqual(enabled);
    expect(await ask({ RegionNames: ['eu-south-2'] })).toEqual([['eu-south-2', 'opted-in']]);
    expect((await ask({ AllRegions: true }))?.sort()).toEqual([...enabled, ['me-south-1', 'not-opted-in']].sort());
    await expect(ask({ RegionNames: ['mars-1'] })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('answers for an account that is alone', async () => {
    const { aws } = await startAws();

    const { Regions } = await ec2ClientFor(aws.url).send(new DescribeRegionsCommand());

    expect(Regions?.map(({ RegionName }) => RegionName)).toEqual([OTHER_REGION, REGION]);
    expect(Regions?.[1]).toMatchObject({ Endpoint: 'ec2.us-east-1.amazonaws.com' });
  });
});

describe('a fault of one account', () => {
  test.each([
    ['optOut', { optOut: [REGION] }, 'AuthFailure', 'InvalidClientTokenId', 'UnrecognizedClientException'],
    ['suspended', { suspended: true }, 'AuthFailure', 'InvalidClientTokenId', 'UnrecognizedClientException'],
    ['scp', { scp: {} }, 'UnauthorizedOperation', 'AccessDenied', 'AccessDeniedException'],
    ['throttle', { throttle: 1 }, 'RequestLimitExceeded', 'Throttling', 'ThrottlingException'],
  ] as const)('is said in the words of each service: %s', async (_, faults, ofEc2, ofElastiCache, ofEventBridge) => {
    const started = await startOrganization();
    faulty(started, faults);
    const listTargets = new ListTargetsByRuleCommand({ Rule: 'ingress-guard' });
    const calls = (who: string) => [
      ec2As(started, who).send(describeGroups),
      elastiCacheAs(started, who).send(new DescribeCacheSecurityGroupsCommand()),
      kept(new EventBridgeClient(started.as(who))).send(listTargets),
    ];

    const names = await Promise.all(calls(MEMBER).map((call) => call.then(String, (error: Error) => error.name)));
    const others = await Promise.allSettled(calls(OTHER_MEMBER));

    expect(names).toEqual([ofEc2, ofElastiCache, ofEventBridge]);
    // There is no such rule.
    expect(others.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });

  test('scp says that it was a service control policy, and holds in the regions it names', async () => {
    const started = await startOrganization();
    faulty(started, { scp: { regions: [OTHER_REGION] } });

    await ec2As(started, MEMBER).send(describeGroups);

    await expect(ec2As(started, MEMBER, OTHER_REGION).send(describeGroups)).rejects.toThrow(
      /is not authorized to perform: ec2:DescribeSecurityGroups .*with an explicit deny in a service control policy$/,
    );
  });

  test('throttle is as likely as it says', async () => {
    const started = await startOrganization();
    faulty(started, { throttle: 0.5 });
    const ec2 = ec2As(started, MEMBER);

    const names = new Set<string>();
    for (let i = 0; i < 20; i++)
      names.add(
        await ec2.send(describeGroups).then(
          () => 'done',
          (error) => error.name,
        ),
      );

    expect(names).toEqual(new Set(['done', 'RequestLimitExceeded']));
  });

  test('optOut makes no call to the region reach anything, and no record of one', async () => {
    const started = await startOrganization();
    faulty(started, { optOut: [OTHER_REGION] });

    await ec2As(started, MEMBER, OTHER_REGION)
      .send(describeGroups)
      .catch(() => {});

    expect(started.events).toEqual([]);
  });
});

describe('a call about what another place has', () => {
  async function misplacedBy(call: (started: StartedOrganization, groupId: string) => Promise<unknown>) {
    const started = await startOrganization();
    const groupId = await createGroup(ec2As(started, MEMBER));
    const misplaced: Misplaced[] = [];
    started.aws.events.on('misplaced', (one) => misplaced.push(one));
    const answer = await call(started, groupId).catch((error: Error) => error.name);
    return { answer, misplaced, groupId };
  }

  test.each([
    ['another account’s credentials', OTHER_MEMBER, REGION],
    ['another region’s client', MEMBER, OTHER_REGION],
  ])('is refused and reported: %s', async (_, who, region) => {
    const { answer, misplaced, groupId } = await misplacedBy((started, GroupId) =>
      ec2As(started, who, region).send(new RevokeSecurityGroupIngressCommand({ GroupId, IpProtocol: '-1' })),
    );

    expect(answer).toBe('InvalidGroup.NotFound');
    expect(misplaced).toEqual([
      {
        service: 'ec2',
        action: 'RevokeSecurityGroupIngress',
        resource: groupId,
        owner: { account: MEMBER, region: REGION },
        calledAt: { account: who, region },
      },
    ]);
  });

  test('is not reported where it is only the name of a source that is looked up', async () => {
    const { misplaced } = await misplacedBy((started, groupId) =>
      ec2As(started, OTHER_MEMBER).send(
        new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-id', Values: [groupId] }] }),
      ),
    );

    expect(misplaced).toEqual([]);
  });

  test('is not reported of an account’s own', async () => {
    const { answer, misplaced } = await misplacedBy((started, GroupId) =>
      ec2As(started, MEMBER).send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] })),
    );

    expect([misplaced, typeof answer]).toEqual([[], 'object']);
  });
});

test('where no one looks at signatures, a key still says whose the call is', async () => {
  const started = await startOrganization({}, { credentials: undefined } as object);
  const key = started.aws.accounts.find(MEMBER)?.credentials?.accessKeyId ?? '';
  const owner = async (accessKeyId: string) => {
    const ec2 = ec2As(started, { accessKeyId, secretAccessKey: 'any' });
    return (await ec2.send(describeGroups)).SecurityGroups?.[0]?.OwnerId;
  };

  expect([await owner(key), await owner('any')]).toEqual([MEMBER, ACCOUNT]);
});
