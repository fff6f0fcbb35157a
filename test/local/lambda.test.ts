import { describe, expect, test } from 'vitest';
import type { Attempt } from '../../src/local/lambda.ts';
import { recordingFunction, type StartedAws, startAws } from '../support/local-aws/local-aws.ts';
import { eventually } from '../support/time/eventually.ts';

const MINUTE = 60_000;
const failure: Attempt = { error: { name: 'Error', message: 'no luck' } };
const success: Attempt = { result: { outcome: 'allowed' } };

/** A local AWS with one function that answers so, and one event for it. */
async function startWith(answer: (number: number) => Attempt, changes = {}) {
  const started = await startAws();
  const target = recordingFunction(changes, answer);
  started.aws.deploy([target]);
  await started.call('DescribeCacheSecurityGroups');
  return { ...started, target };
}

/** How long the function waits for its next try, after each; stops when it does not wait any more. */
async function waits({ clock }: StartedAws): Promise<number[]> {
  const seen: number[] = [];
  for (await clock.advance(0); clock.sleeping.length > 0; await clock.advance(clock.sleeping[0] as number)) {
    seen.push(...clock.sleeping);
  }
  return seen;
}

describe('a function', () => {
  test('that succeeds is invoked once, and leaves no dead letter', async () => {
    const started = await startWith(() => success);

    expect(await waits(started)).toEqual([]);

    expect(started.target.invocations).toHaveLength(1);
    expect(started.attempts).toMatchObject([{ functionName: 'recorder', number: 1, attempt: success }]);
    expect(started.aws.deadLetters).toEqual([]);
  });

  test('that fails is tried again after one minute, then after two, with the same event and request id', async () => {
    const started = await startWith(() => failure);

    expect(await waits(started)).toEqual([MINUTE, 2 * MINUTE]);

    const { invocations } = started.target;
    expect(invocations).toHaveLength(3);
    expect(new Set(invocations.map(({ requestId }) => requestId)).size).toBe(1);
    for (const { event } of invocations) expect(event).toBe(started.events[0]);
    expect(started.attempts.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  test('that fails at last leaves its event in the dead-letter queue, which is told of once', async () => {
    const started = await startAws();
    const told: unknown[] = [];
    started.aws.events.on('deadLetter', (letter) => told.push(letter));
    const target = recordingFunction({}, (number) => ({ error: { name: 'Error', message: `try ${number}` } }));
    started.aws.deploy([target]);

    await started.call('DescribeCacheSecurityGroups');
    await waits(started);

    expect(started.aws.deadLetters).toEqual([
      {
        functionName: 'recorder',
        requestId: target.invocations[0]?.requestId,
        event: started.events[0],
        attempts: 3,
        error: { name: 'Error', message: 'try 3' },
      },
    ]);
    expect(told).toEqual(started.aws.deadLetters);
  });

  test('that succeeds when it is tried again leaves no dead letter', async () => {
    const started = await startWith((number) => (number < 3 ? failure : success));

    expect(await waits(started)).toEqual([MINUTE, 2 * MINUTE]);

    expect(started.target.invocations).toHaveLength(3);
    expect(started.aws.deadLetters).toEqual([]);
  });

  test.each([
    [0, []],
    [1, [MINUTE]],
    [2, [MINUTE, 2 * MINUTE]],
  ])('with %i retries waits %j', async (maximumRetryAttempts, expected) => {
    const started = await startWith(() => failure, { maximumRetryAttempts });

    expect(await waits(started)).toEqual(expected);

    expect(started.aws.deadLetters).toMatchObject([{ attempts: expected.length + 1 }]);
  });

  test.each([
    [59, 1],
    [60, 2],
    [179, 2],
    [180, 3],
  ])('whose events may get %i seconds old is tried %i times', async (maximumEventAgeSeconds, attempts) => {
    const started = await startWith(() => failure, { maximumEventAgeSeconds });

    await waits(started);

    expect(started.aws.deadLetters).toMatchObject([{ attempts }]);
  });

  test('that fails does not keep another from its event', async () => {
    const started = await startAws();
    const failing = recordingFunction({ name: 'failing' }, () => failure);
    const other = recordingFunction({ name: 'other' });
    started.aws.deploy([failing, other]);

    await started.call('DescribeCacheSecurityGroups');
    await waits(started);

    expect([failing.invocations.length, other.invocations.length]).toEqual([3, 1]);
    expect(started.aws.deadLetters.map(({ functionName }) => functionName)).toEqual(['failing']);
  });

  test('is not tried again when the local AWS has ended, and is no dead letter then', async () => {
    const started = await startWith(() => failure);
    await eventually(() => started.clock.sleeping).toEqual([MINUTE]);

    await started.aws.close();
    await started.aws.idle();

    expect(started.target.invocations).toHaveLength(1);
    expect([started.clock.sleeping, started.aws.deadLetters]).toEqual([[], []]);
  });
});

describe('an event that is put on the bus', () => {
  test('has been delivered when the function has ended, with all its tries', async () => {
    const { aws, clock, events } = await startAws();
    const target = recordingFunction({ maximumRetryAttempts: 1 }, () => failure);
    aws.deploy([target]);
    const event = { ...eventOf('aws.elasticache'), detail: null };

    const delivered = aws.deliver(event);
    await clock.advance(MINUTE);
    await delivered;

    expect(target.invocations).toHaveLength(2);
    expect(events).toEqual([event]);
    expect(aws.deadLetters).toHaveLength(1);
  });

  test('goes nowhere when no pattern fits', async () => {
    const { aws } = await startAws();
    const target = recordingFunction();
    aws.deploy([target]);

    await aws.deliver(eventOf('my.application'));

    expect(target.invocations).toEqual([]);
  });
});

function eventOf(source: string) {
  return {
    version: '0',
    id: '1',
    'detail-type': 'Something',
    source,
    account: '111122223333',
    time: '2026-01-01T00:00:00Z',
    region: 'us-east-1',
    resources: [],
    detail: {},
  } as const;
}
