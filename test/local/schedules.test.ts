import { describe, expect, test } from 'vitest';
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
