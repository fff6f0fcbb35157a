import { createRequire } from 'node:module';
import { RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { DescribeCacheClustersCommand, DescribeCacheSecurityGroupsCommand } from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import type { BusEvent } from '../../../src/local/bus-event.ts';
import { deployMember, deployTemplate } from '../../../src/local/cloudformation/deploy.ts';
import type { Template } from '../../../src/local/cloudformation/template.ts';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { recordingFunction } from '../../support/local-aws/local-aws.ts';
import { authorize, createGroup, tcp } from '../../support/local-aws/local-ec2.ts';
import { OTHER_REGION } from '../../support/local-aws/local-endpoint.ts';
import {
  ec2As,
  elastiCacheAs,
  hubFunction,
  MEMBER,
  OTHER_MEMBER,
  startOrganization,
} from '../../support/local-aws/organization.ts';

const { NAMES, PATTERN, memberTemplate, forwarding } = createRequire(import.meta.url)('../../../stack/spoke.cjs') as {
  readonly NAMES: Readonly<Record<'rule' | 'queue' | 'readRole' | 'revokeRole', string>>;
  readonly PATTERN: { readonly source: string[] };
  memberTemplate(scope: { organization: string; regions: readonly string[]; enforces: boolean }): Template;
  forwarding(bus: unknown): Template['Resources'];
};

const HUB_BUS = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/ingress-guard-test`;
const hubTemplate: Template = {
  Resources: {
    MemberBusPolicy: {
      Type: 'AWS::Events::EventBusPolicy',
      Properties: {
        EventBusName: { Ref: 'MemberBus' },
        StatementId: 'Members',
        Statement: {
          Effect: 'Allow',
          Principal: '*',
          Action: 'events:PutEvents',
          Resource: { 'Fn::GetAtt': ['MemberBus', 'Arn'] },
          Condition: {
            StringEquals: { 'aws:PrincipalOrgID': 'o-localaws01' },
            'ForAllValues:StringEquals': { 'events:source': PATTERN.source },
          },
        },
      },
    },
    MemberBus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'ingress-guard-test' } },
    ...forwarding({ 'Fn::GetAtt': ['MemberBus', 'Arn'] }),
  },
};

/** An organization with the stack's own template in the hub and in two members. */
async function startWithSpokes(enforces = true) {
  const started = await startOrganization();
  const { accounts } = started.aws;
  deployTemplate(accounts, hubTemplate, { stackName: 'hub', account: ACCOUNT, region: REGION });
  const template = memberTemplate({ organization: 'o-localaws01', regions: [OTHER_REGION], enforces });
  const parameters = { HubAccount: ACCOUNT, HomeRegion: REGION, HubBus: HUB_BUS };
  for (const account of [ACCOUNT, MEMBER, OTHER_MEMBER]) {
    deployMember(accounts, { stackSetName: 'ingress-guard-test', template, parameters }, account, [
      REGION,
      OTHER_REGION,
    ]);
  }
  const watcher = recordingFunction({ eventPatterns: [PATTERN], eventBusName: 'ingress-guard-test' });
  started.aws.deploy([watcher]);
  const seen = () => watcher.invocations.map(({ event }) => (event as BusEvent).account);
  return { ...started, seen, hub: hubFunction(started) };
}

const roleOf = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;

describe('the template of the members', () => {
  test.each([
    ['a member', MEMBER, REGION],
    ['a member, in another region', OTHER_MEMBER, OTHER_REGION],
    ['the hub itself', ACCOUNT, REGION],
    ['the hub, in another region', ACCOUNT, OTHER_REGION],
  ])('sends a call to the hub’s bus, once: of %s', async (_, who, region) => {
    const started = await startWithSpokes();
    const ec2 = ec2As(started, who, region);
    const groupId = await createGroup(ec2);

    await authorize(ec2, groupId, tcp(6379, { IpRanges: [{ CidrIp: '192.0.2.0/24' }] }));
    await started.aws.idle();

    expect(started.seen()).toEqual([who]);
  });

  test('lets functions of the hub look at what audits ask for, in the regions of the scope alone', async () => {
    const started = await startWithSpokes();

    const session = await started.assume(started.hub, { RoleArn: roleOf(MEMBER, NAMES.readRole) });

    const elastiCache = elastiCacheAs(started, session);
    await elastiCache.send(new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true }));
    await elastiCache.send(new DescribeCacheSecurityGroupsCommand());
    const revoked = ec2As(started, session).send(
      new RevokeSecurityGroupIngressCommand({ GroupId: 'sg-12345678', SecurityGroupRuleIds: ['sgr-12345678'] }),
    );
    await expect(revoked).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  });

  test('lets them revoke by the other role, and only if the mode is enforce', async () => {
    const revokeRole = { RoleArn: roleOf(MEMBER, NAMES.revokeRole) };
    const [enforcing, reporting] = [await startWithSpokes(), await startWithSpokes(false)];

    const session = await enforcing.assume(enforcing.hub, revokeRole);

    const ec2 = ec2As(enforcing, MEMBER);
    const groupId = await createGroup(ec2);
    const [rule] = await authorize(ec2, groupId, tcp(6379, { IpRanges: [{ CidrIp: '192.0.2.0/24' }] }));
    const SecurityGroupRuleIds = [rule?.SecurityGroupRuleId ?? ''];
    await ec2As(enforcing, session).send(
      new RevokeSecurityGroupIngressCommand({ GroupId: groupId, SecurityGroupRuleIds }),
    );
    await expect(reporting.assume(reporting.hub, revokeRole)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('what cannot be deployed', () => {
  const place = { stackName: 'test', account: MEMBER, region: REGION };
  const queue = (QueueName: unknown): Template => ({
    Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName } } },
  });

  test.each([
    [
      'a resource of another type',
      { Resources: { Table: { Type: 'AWS::DynamoDB::Table' } } },
      'cannot make Table (AWS::DynamoDB::Table)',
    ],
    ['a function that is not known', queue({ 'Fn::Select': [0, ['a']] }), 'does not know Fn::Select'],
    ['a resource that is not there', queue({ Ref: 'Other' }), 'no resource Other'],
    [
      'a parameter without a value',
      { ...queue({ Ref: 'Name' }), Parameters: { Name: {} } },
      'parameter Name has no value',
    ],
  ])('is refused: %s', async (_, template, why) => {
    const { aws } = await startOrganization();

    expect(() => deployTemplate(aws.accounts, template, place)).toThrow(why);
  });

  test('is refused: an account or a region that is not there', async () => {
    const { aws } = await startOrganization();

    expect(() => deployTemplate(aws.accounts, queue('a'), { ...place, region: 'mars-1' })).toThrow('mars-1');
  });
});

test('a text is split into a list, whatever a condition makes of it', async () => {
  const { aws } = await startOrganization();
  const regions = { 'Fn::Split': [',', { 'Fn::If': ['HasRegions', { Ref: 'Regions' }, { Ref: 'AWS::Region' }] }] };
  const template: Template = {
    Parameters: { Regions: { Default: '' } },
    Conditions: { HasRegions: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Regions' }, ''] }] } },
    Resources: { Rule: { Type: 'AWS::Events::Rule', Properties: { EventPattern: { region: regions } } } },
  };
  const regionsWith = (parameters: Record<string, string>) =>
    deployTemplate(aws.accounts, template, { stackName: 'split', account: ACCOUNT, region: REGION, parameters }).map(
      ({ properties }) => properties.EventPattern,
    );

  expect(regionsWith({})).toEqual([{ region: [REGION] }]);
  expect(regionsWith({ Regions: 'us-east-1,eu-west-1' })).toEqual([{ region: ['us-east-1', 'eu-west-1'] }]);
});
