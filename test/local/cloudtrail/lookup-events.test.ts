import { CloudTrailClient, LookupEventsCommand, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { ModifySecurityGroupRulesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startLocalAws } from '../../../src/local/local-aws.ts';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { authorize, createGroup, ec2ClientFor, tcp } from '../../support/local-aws/local-ec2.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { ManualClock } from '../../support/time/manual-clock.ts';

async function start() {
  const clock = new ManualClock();
  const settings = { port: 0, accountId: ACCOUNT, regions: [REGION, 'eu-west-1'], transitionMs: 0, credentials };
  const aws = await startLocalAws(settings, clock);
  onTestFinished(() => aws.close());
  const clientIn = (region: string) => {
    const client = new CloudTrailClient({ region, endpoint: aws.url, credentials, maxAttempts: 1 });
    onTestFinished(() => client.destroy());
    return client;
  };
  const here = clientIn(REGION);
  return {
    aws,
    clock,
    clientIn,
    ec2: ec2ClientFor(aws.url),
    lookUp: async (input: LookupEventsCommandInput = {}) => await here.send(new LookupEventsCommand(input)),
  };
}

const by = (AttributeKey: string, AttributeValue: string) => ({
  LookupAttributes: [{ AttributeKey: AttributeKey as 'EventName', AttributeValue }],
});

describe('LookupEvents', () => {
  test('answers with the calls of the region, the latest first, as CloudTrail recorded them', async () => {
    const { ec2, lookUp, clientIn, clock } = await start();
    const first = await createGroup(ec2, 'first');
    clock.advance(2_000);
    await createGroup(ec2, 'second');

    const { Events = [] } = await lookUp(by('EventName', 'CreateSecurityGroup'));
    const elsewhere = await clientIn('eu-west-1').send(new LookupEventsCommand(by('EventName', 'CreateSecurityGroup')));

    expect(Events).toMatchObject([
      { EventSource: 'ec2.amazonaws.com', ReadOnly: 'false', Username: 'local', AccessKeyId: credentials.accessKeyId },
      {
        EventName: 'CreateSecurityGroup',
        Resources: [{ ResourceType: 'AWS::EC2::SecurityGroup', ResourceName: first }],
      },
    ]);
    const [latest, before] = Events.map(({ EventTime }) => EventTime?.getTime() ?? 0) as [number, number];
    expect(latest - before).toBe(2_000);
    expect(JSON.parse(Events[0]?.CloudTrailEvent ?? '')).toMatchObject({
      eventID: Events[0]?.EventId,
      requestParameters: { groupName: 'second' },
    });
    expect(elsewhere.Events).toEqual([]);
  });

  test('also knows calls that no trail logs', async () => {
    const { aws, ec2, lookUp } = await start();
    aws.accounts.home.trails.delete('management-events');
    await createGroup(ec2);

    expect((await lookUp(by('ReadOnly', 'false'))).Events).toHaveLength(1);
  });

  test('finds by each attribute and by time', async () => {
    const { ec2, lookUp, clock } = await start();
    const group = await createGroup(ec2, 'first');
    const between = new Date(clock.now() + 1_000);
    clock.advance(2_000);
    await createGroup(ec2, 'second');
    const { Events: [second] = [] } = await lookUp(by('EventName', 'CreateSecurityGroup'));
    const countBy = async (input: LookupEventsCommandInput) =>
      (await lookUp(input)).Events?.filter(({ EventName }) => EventName === 'CreateSecurityGroup').length;

    expect(await countBy(by('EventId', second?.EventId ?? ''))).toBe(1);
    expect(await countBy(by('EventSource', 'ec2.amazonaws.com'))).toBe(2);
    expect(await countBy(by('Username', 'local'))).toBe(2);
    expect(await countBy(by('AccessKeyId', credentials.accessKeyId))).toBe(2);
    expect(await countBy(by('ResourceName', group))).toBe(1);
    expect(await countBy(by('ResourceType', 'AWS::EC2::SecurityGroup'))).toBe(2);
    expect(await countBy({ StartTime: between })).toBe(1);
    expect(await countBy({ EndTime: between })).toBe(1);
    expect(await countBy({ EventCategory: 'insight' })).toBe(0);
  });

  test('finds an edit of a security group rule by the security group', async () => {
    const { ec2, lookUp } = await start();
    const GroupId = await createGroup(ec2, 'first');
    const [rule] = await authorize(ec2, GroupId, tcp(6379, { IpRanges: [{ CidrIp: '192.0.2.1/32' }] }));
    const SecurityGroupRule = { IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, CidrIpv4: '0.0.0.0/0' };
    const SecurityGroupRules = [{ SecurityGroupRuleId: rule?.SecurityGroupRuleId, SecurityGroupRule }];
    await ec2.send(new ModifySecurityGroupRulesCommand({ GroupId, SecurityGroupRules }));

    const { Events = [] } = await lookUp(by('ResourceName', GroupId));

    const names = ['ModifySecurityGroupRules', 'AuthorizeSecurityGroupIngress', 'CreateSecurityGroup'];
    expect(Events.map(({ EventName }) => EventName)).toEqual(names);
  });

  test('pages, and shows no event twice when others come in between', async () => {
    const { ec2, lookUp } = await start();
    for (const name of ['a', 'b', 'c']) await createGroup(ec2, name);
    const input = { ...by('EventName', 'CreateSecurityGroup'), MaxResults: 2 };

    const first = await lookUp(input);
    await createGroup(ec2, 'd');
    const second = await lookUp({ ...input, NextToken: first.NextToken });

    const ids = [...(first.Events ?? []), ...(second.Events ?? [])].map(({ EventId }) => EventId);
    expect(first.Events).toHaveLength(2);
    expect(new Set(ids).size).toBe(3);
    expect(second.NextToken).toBeUndefined();
  });

  test.each([
    ['InvalidLookupAttributesException', by('Colour', 'red')],
    [
      'InvalidLookupAttributesException',
      { LookupAttributes: [...by('EventId', 'a').LookupAttributes, ...by('EventName', 'a').LookupAttributes] },
    ],
    ['InvalidMaxResultsException', { MaxResults: 51 }],
    ['InvalidNextTokenException', { NextToken: 'a' }],
    ['InvalidTimeRangeException', { StartTime: new Date(2_000), EndTime: new Date(1_000) }],
    ['InvalidEventCategoryException', { EventCategory: 'data' as 'insight' }],
  ])('refuses what CloudTrail refuses: %s', async (name, input) => {
    const { lookUp } = await start();

    await expect(lookUp(input)).rejects.toMatchObject({ name });
  });
});
