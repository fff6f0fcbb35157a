import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge';
import { describe, expect, test } from 'vitest';
import type { Account } from '../../../src/local/account.ts';
import type { BusEvent } from '../../../src/local/bus-event.ts';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { recordingFunction } from '../../support/local-aws/local-aws.ts';
import { createGroup } from '../../support/local-aws/local-ec2.ts';
import { OTHER_REGION } from '../../support/local-aws/local-endpoint.ts';
import {
  ec2As,
  kept,
  MEMBER,
  OTHER_MEMBER,
  OUTSIDER,
  type StartedOrganization,
  startOrganization,
} from '../../support/local-aws/organization.ts';

const HUB_BUS = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/hub`;
const PATTERN = { source: ['aws.ec2', 'heartbeat'] };

/** The organization and what it watches. */
const BUS_POLICY = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: '*',
      Action: 'events:PutEvents',
      Resource: HUB_BUS,
      Condition: {
        StringEquals: { 'aws:PrincipalOrgID': 'o-localaws01', 'events:source': ['aws.ec2', 'heartbeat'] },
      },
    },
  ],
};

function accountOf({ aws }: StartedOrganization, id: string): Account {
  const account = aws.accounts.find(id);
  if (account === undefined) throw new Error(`there is no account ${id}`);
  return account;
}

/** Lets an account forward what fits to the hub's bus, from one region. */
function putSpoke(started: StartedOrganization, id: string, region = REGION, eventPattern: object = PATTERN) {
  const account = accountOf(started, id);
  const RoleArn = `arn:aws:iam::${id}:role/forward`;
  account.roles.put({
    name: 'forward',
    trustPolicy: {
      Statement: { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' },
    },
    policies: [{ Statement: { Effect: 'Allow', Action: 'events:PutEvents', Resource: HUB_BUS } }],
  });
  const there = account.region(region);
  const queue = there?.queues.put('undelivered');
  there?.eventBuses.putRule('default', {
    name: 'ingress-guard',
    eventPattern,
    targets: [{ Id: 'Hub', Arn: HUB_BUS, RoleArn, DeadLetterConfig: { Arn: queue?.arn ?? '' } }],
  });
  return { account, queue };
}

/** A hub with a function on its own bus. */
async function startHub(policy: object = BUS_POLICY) {
  const started = await startOrganization();
  started.aws.accounts.home.region(REGION)?.eventBuses.put('hub', policy);
  const watcher = recordingFunction({ eventPatterns: [PATTERN], eventBusName: 'hub' });
  started.aws.deploy([watcher]);
  const seen = () => watcher.invocations.map(({ event }) => event as BusEvent);
  return { ...started, seen };
}

const clientOf = (started: StartedOrganization, who: string) => kept(new EventBridgeClient(started.as(who)));

describe('a rule that forwards to the bus of another account', () => {
  test.each([REGION, OTHER_REGION])('keeps the event as it is, with its account and its region: %s', async (region) => {
    const started = await startHub();
    putSpoke(started, MEMBER, region);

    await createGroup(ec2As(started, MEMBER, region));
    await started.aws.idle();

    expect(started.seen()).toEqual([started.events[0]]);
    expect(started.events[0]).toMatchObject({ account: MEMBER, region, source: 'aws.ec2' });
  });

  test('forwards nothing of an account without one, nor of a region without one', async () => {
    const started = await startHub();
    putSpoke(started, MEMBER);

    await createGroup(ec2As(started, OTHER_MEMBER));
    await createGroup(ec2As(started, MEMBER, OTHER_REGION));
    await started.aws.idle();

    expect(started.seen()).toEqual([]);
  });

  test('forwards the hub’s own events as well, and no event twice', async () => {
    const started = await startHub();
    putSpoke(started, ACCOUNT);

    await createGroup(ec2As(started, ACCOUNT));
    await started.aws.idle();

    expect(started.seen()).toHaveLength(1);
  });

  test.each([
    ['of an account of no organization', OUTSIDER, PATTERN],
    ['of a source that the policy does not name', MEMBER, { source: ['aws.sts', 'aws.elasticache', 'other'] }],
  ])('loses nothing that the bus refuses: it is in the dead-letter queue, %s', async (_, who, pattern) => {
    const started = await startHub();
    const { queue } = putSpoke(started, who, REGION, pattern);
    const event = {
      'detail-type': 'Test',
      source: pattern === PATTERN ? 'aws.ec2' : 'other',
      account: who,
      region: REGION,
    } as BusEvent;

    await started.aws.deliver(event);

    expect([started.seen(), queue?.messages.map(({ body }) => JSON.parse(body))]).toEqual([[], [event]]);
  });

  test('loses nothing when its role is gone', async () => {
    const started = await startHub();
    const { account, queue } = putSpoke(started, MEMBER);
    account.roles.delete('forward');

    await createGroup(ec2As(started, MEMBER));
    await started.aws.idle();

    expect([started.seen(), queue?.messages.length]).toEqual([[], 1]);
  });

  test('does nothing while it is disabled', async () => {
    const started = await startHub();
    const { account, queue } = putSpoke(started, MEMBER);
    account.faults = { ruleDisabled: true };

    await createGroup(ec2As(started, MEMBER));
    await started.aws.idle();

    expect([started.seen(), queue?.messages]).toEqual([[], []]);
  });

  test('does not forward again what was forwarded', async () => {
    const started = await startHub();
    putSpoke(started, MEMBER);
    const third = accountOf(started, OTHER_MEMBER).region(REGION);
    third?.eventBuses.put('default', { Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' } });
    const forwarded: string[] = [];
    started.aws.events.on('forwarded', ({ busArn }) => forwarded.push(busArn));
    accountOf(started, ACCOUNT)
      .region(REGION)
      ?.eventBuses.putRule('hub', {
        name: 'on',
        eventPattern: PATTERN,
        targets: [{ Id: 'On', Arn: `arn:aws:events:${REGION}:${OTHER_MEMBER}:event-bus/default` }],
      });

    await createGroup(ec2As(started, MEMBER));
    await started.aws.idle();

    expect(forwarded).toEqual([HUB_BUS]);
  });
});

describe('PutEvents', () => {
  const entry = { Source: 'heartbeat', DetailType: 'Test', Detail: '{"account":"000000000000"}' };

  test('makes the envelope itself: account and region are the caller’s, whatever the event says', async () => {
    const started = await startHub();
    const command = new PutEventsCommand({ Entries: [{ ...entry, EventBusName: HUB_BUS }] });

    const { FailedEntryCount, Entries } = await clientOf(started, MEMBER).send(command);
    await started.aws.idle();

    expect(FailedEntryCount).toBe(0);
    expect(started.seen()).toMatchObject([
      {
        id: Entries?.[0]?.EventId,
        account: MEMBER,
        region: REGION,
        source: 'heartbeat',
        detail: { account: '000000000000' },
      },
    ]);
  });

  test('takes no event of a service of AWS', async () => {
    const started = await startHub();
    const forged = { ...entry, Source: 'aws.ec2', EventBusName: HUB_BUS };

    const { FailedEntryCount, Entries } = await clientOf(started, MEMBER).send(
      new PutEventsCommand({ Entries: [forged] }),
    );
    await started.aws.idle();

    expect([FailedEntryCount, Entries, started.seen()]).toEqual([
      1,
      [{ ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' }],
      [],
    ]);
  });

  test.each([
    ['an account of no organization', OUTSIDER, entry],
    ['a member, of a source that the policy does not name', MEMBER, { ...entry, Source: 'other' }],
  ])('is denied on the hub’s bus to %s', async (_, who, written) => {
    const started = await startHub();
    const command = new PutEventsCommand({ Entries: [{ ...written, EventBusName: HUB_BUS }] });

    await expect(clientOf(started, who).send(command)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(/because no resource-based policy allows the events:PutEvents action$/),
    });
    expect(started.seen()).toEqual([]);
  });

  test('is denied to a member by a policy that denies it, whatever else allows', async () => {
    const deny = { Effect: 'Deny', Principal: { AWS: MEMBER }, Action: 'events:*', Resource: '*' };
    const started = await startHub({ Statement: [...BUS_POLICY.Statement, deny] });
    const command = new PutEventsCommand({ Entries: [{ ...entry, EventBusName: HUB_BUS }] });

    await expect(clientOf(started, MEMBER).send(command)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('reaches the caller’s own bus without a policy, and rules there', async () => {
    const started = await startHub();
    putSpoke(started, MEMBER);

    await clientOf(started, MEMBER).send(new PutEventsCommand({ Entries: [entry] }));
    await started.aws.idle();

    expect(started.seen()).toMatchObject([{ account: MEMBER, source: 'heartbeat' }]);
  });

  test('names what is wrong with an entry, and takes the others', async () => {
    const started = await startHub();
    const Entries = [{ ...entry, Detail: '{' }, { Source: 'heartbeat' }, entry];

    const answer = await clientOf(started, MEMBER).send(new PutEventsCommand({ Entries }));

    expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      'MalformedDetail',
      'InvalidArgument',
      undefined,
    ]);
  });

  test('takes ten entries at most', async () => {
    const started = await startHub();

    const sent = clientOf(started, MEMBER).send(new PutEventsCommand({ Entries: Array(11).fill(entry) }));

    await expect(sent).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('DescribeRule and ListTargetsByRule', () => {
  test('show the rule as it is, and whether it is enabled', async () => {
    const started = await startHub();
    const { account } = putSpoke(started, MEMBER);
    const client = clientOf(started, MEMBER);
    const describeRule = () => client.send(new DescribeRuleCommand({ Name: 'ingress-guard' }));

    const rule = await describeRule();
    const { Targets } = await client.send(new ListTargetsByRuleCommand({ Rule: 'ingress-guard' }));
    account.faults = { ruleDisabled: true };
    const disabled = await describeRule();

    expect(rule).toMatchObject({
      Name: 'ingress-guard',
      Arn: `arn:aws:events:${REGION}:${MEMBER}:rule/ingress-guard`,
      State: 'ENABLED',
      EventBusName: 'default',
    });
    expect(JSON.parse(rule.EventPattern ?? '')).toEqual(PATTERN);
    expect(Targets).toEqual([
      {
        Id: 'Hub',
        Arn: HUB_BUS,
        RoleArn: `arn:aws:iam::${MEMBER}:role/forward`,
        DeadLetterConfig: { Arn: `arn:aws:sqs:${REGION}:${MEMBER}:undelivered` },
      },
    ]);
    expect(disabled.State).toBe('DISABLED');
  });

  test('find no rule of another account, nor one that is not there', async () => {
    const started = await startHub();
    putSpoke(started, MEMBER);

    const asked = clientOf(started, OTHER_MEMBER).send(new DescribeRuleCommand({ Name: 'ingress-guard' }));

    await expect(asked).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Rule ingress-guard does not exist on EventBus default.',
    });
  });
});
