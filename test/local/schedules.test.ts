import { describe, expect, test } from 'vitest';
import { readCallSchedules } from '../../src/local/stack.ts';
import { ACCOUNT } from '../support/examples/grants.ts';
import { recordingFunction, startAws } from '../support/local-aws/local-aws.ts';

const HOUR = 3_600_000;

describe('a schedule', () => {
  test('invokes its function each time that its time has passed, with EventBridge’s own event', async () => {
    const { aws, clock } = await startAws();
    const target = recordingFunction({ schedules: [{ everyMs: HOUR, input: undefined }] });
    aws.deploy([target]);

    await clock.advance(HOUR - 1);
    const before = target.invocations.length;
    await clock.advance(1);
    const time = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
    await clock.advance(2 * HOUR);

    expect([before, target.invocations.length]).toEqual([0, 3]);
    expect(target.invocations[0]?.event).toEqual({
      version: '0',
      id: expect.any(String),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: ACCOUNT,
      time,
      region: 'us-east-1',
      resources: [],
      detail: {},
    });
    expect(new Set(target.invocations.map(({ requestId }) => requestId)).size).toBe(3);
  });

  test('invokes with the input that it was given instead', async () => {
    const { aws, clock, events } = await startAws();
    const target = recordingFunction({ schedules: [{ everyMs: HOUR, input: { audit: 'all' } }] });
    aws.deploy([target]);

    await clock.advance(HOUR);

    expect(target.invocations.map(({ event }) => event)).toEqual([{ audit: 'all' }]);
    expect(events).toMatchObject([{ source: 'aws.events' }]);
  });

  test('runs beside others, each at its own pace', async () => {
    const { aws, clock } = await startAws();
    const schedules = [
      { everyMs: HOUR, input: 'hourly' },
      { everyMs: 24 * HOUR, input: 'daily' },
    ];
    const target = recordingFunction({ schedules });
    aws.deploy([target]);

    await clock.advance(48 * HOUR);

    const inputs = target.invocations.map(({ event }) => event);
    expect(inputs.filter((input) => input === 'hourly')).toHaveLength(48);
    expect(inputs.filter((input) => input === 'daily')).toHaveLength(2);
  });

  test('does not wait for a function that fails, and that one is tried again like any other', async () => {
    const { aws, clock } = await startAws();
    const schedules = [{ everyMs: HOUR, input: 'now' }];
    const target = recordingFunction({ schedules }, () => ({ error: { name: 'Error', message: 'no luck' } }));
    aws.deploy([target]);

    await clock.advance(2 * HOUR + 180_000);

    expect(target.invocations).toHaveLength(6);
    expect(aws.deadLetters).toMatchObject([
      { event: 'now', attempts: 3 },
      { event: 'now', attempts: 3 },
    ]);
  });

  test('ends with the local AWS', async () => {
    const { aws, clock } = await startAws();
    const target = recordingFunction({ schedules: [{ everyMs: HOUR, input: undefined }] });
    aws.deploy([target]);

    await aws.close();
    await clock.advance(5 * HOUR);

    expect([target.invocations, clock.sleeping]).toEqual([[], []]);
  });
});

describe('a schedule with a universal target', () => {
  const TRUSTS_SCHEDULER = {
    Statement: { Effect: 'Allow', Principal: { Service: 'scheduler.amazonaws.com' }, Action: 'sts:AssumeRole' },
  };
  /** A role that may do this, to anything. */
  async function startWithRole(...actions: string[]) {
    const started = await startAws();
    const policies = [{ Statement: { Effect: 'Allow', Action: actions, Resource: '*' } }];
    const role = started.aws.accounts.home.roles.put({ name: 'schedule', trustPolicy: TRUSTS_SCHEDULER, policies });
    return { ...started, roleArn: role.arn };
  }
  const written = { everyMs: HOUR, service: 'ec2', role: 'Role' };
  const open = {
    ...written,
    action: 'AuthorizeSecurityGroupIngress',
    input: {
      GroupId: 'sg-00000000000000000',
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, IpRanges: [{ CidrIp: '192.0.2.1/32' }] }],
    },
  };

  test('makes its call with its role, and CloudTrail has it though it fails', async () => {
    const { aws, clock, calls, events, roleArn } = await startWithRole('ec2:AuthorizeSecurityGroupIngress');
    aws.scheduleCalls([{ ...open, roleArn }]);

    await clock.advance(HOUR);
    await aws.idle();

    expect(calls).toMatchObject([{ action: 'AuthorizeSecurityGroupIngress', principal: { principalArn: roleArn } }]);
    expect(events).toMatchObject([
      {
        source: 'aws.ec2',
        detail: {
          errorCode: 'Client.InvalidGroup.NotFound',
          requestParameters: {
            groupId: 'sg-00000000000000000',
            ipPermissions: { items: [{ ipProtocol: 'tcp', ipRanges: { items: [{ cidrIp: '192.0.2.1/32' }] } }] },
          },
        },
      },
    ]);
  });

  test('is refused by EC2 what its role may not do', async () => {
    const { aws, clock, events, roleArn } = await startWithRole('ec2:DescribeSecurityGroups');
    aws.scheduleCalls([{ ...open, roleArn }]);

    await clock.advance(HOUR);
    await aws.idle();

    expect(events).toMatchObject([{ detail: { errorCode: 'Client.UnauthorizedOperation' } }]);
  });

  test('can call services of the JSON protocol', async () => {
    const { aws, clock, calls, roleArn } = await startWithRole('events:PutEvents');
    const input = { Entries: [{ Source: 'heart', DetailType: 'Beat', Detail: '{}' }] };
    aws.scheduleCalls([{ ...written, service: 'events', action: 'PutEvents', input, roleArn }]);

    await clock.advance(HOUR);
    await aws.idle();

    expect(calls).toMatchObject([{ action: 'PutEvents', error: undefined }]);
  });

  test.each([
    ['an operation that only reads', { ...written, action: 'DescribeSecurityGroups', input: {} }],
    ['an operation that is not here', { ...written, action: 'RunInstances', input: {} }],
    ['a service that is not here', { ...written, service: 'rds', action: 'CreateDBInstance', input: {} }],
  ])('is refused at once: %s', async (_, schedule) => {
    const { aws, roleArn } = await startWithRole('ec2:*');

    expect(() => aws.scheduleCalls([{ ...schedule, roleArn }])).toThrow(/the local Scheduler cannot call/);
  });

  test('is read from serverless.yml, with its role', async () => {
    expect(await readCallSchedules('serverless.yml')).toEqual([
      { ...open, everyMs: HOUR / 4, role: 'CloudTrailHeartbeatRole' },
    ]);
  });
});
