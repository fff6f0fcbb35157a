import { describe, expect, test } from 'vitest';
import type { BusEvent } from '../../src/local/cloudtrail-record.ts';
import { drawFaults, type FaultSettings, NO_FAULTS } from '../../src/local/faults.ts';
import { recordingFunction, startAws } from '../support/local-aws/local-aws.ts';

const DESCRIBE = 'DescribeCacheSecurityGroups';

/** A local AWS that mistreats events, with one function. `call` makes a call; its name can be told by its marker. */
async function startWithFaults(faults: Partial<FaultSettings>) {
  const started = await startAws({ faults: drawFaults({ ...NO_FAULTS, ...faults }) });
  const recorder = recordingFunction();
  started.aws.deploy([recorder]);
  return {
    ...started,
    call: (name: string) => started.call(DESCRIBE, { CacheSecurityGroupName: name }),
    /** The calls whose events reached the function, in order. */
    received: () => recorder.invocations.map(({ event }) => nameIn(event as BusEvent)),
    invocations: recorder.invocations,
  };
}

function nameIn({ detail }: BusEvent): string {
  return (detail as { requestParameters: { cacheSecurityGroupName: string } }).requestParameters.cacheSecurityGroupName;
}

describe('events', () => {
  test('come once each, in order, when nothing goes wrong', async () => {
    const { call, received, aws } = await startWithFaults({});

    for (const name of ['a', 'b', 'c']) await call(name);
    await aws.idle();

    expect(received()).toEqual(['a', 'b', 'c']);
  });

  test('never come when all are dropped, and the calls are made all the same', async () => {
    const { call, received, aws, calls } = await startWithFaults({ dropEvent: 1 });

    for (const name of ['a', 'b']) await call(name);
    await aws.idle();

    expect([received(), calls.length]).toEqual([[], 2]);
  });

  test('come twice when all are doubled: the same event, invoked for apart', async () => {
    const { call, invocations, aws } = await startWithFaults({ doubleEvent: 1 });

    await call('a');
    await aws.idle();

    const [first, second, ...more] = invocations;
    expect(more).toEqual([]);
    expect(second?.event).toEqual(first?.event);
    expect(second?.requestId).not.toBe(first?.requestId);
  });

  test('come later, but not later than was asked for, when all are delayed', async () => {
    const { call, received, clock } = await startWithFaults({ delayEvent: 1, delayMs: 5000 });
    for (const name of ['a', 'b', 'c', 'd']) await call(name);

    const delays = clock.sleeping;
    await clock.advance(0);
    const atOnce = received();
    await clock.advance(5000);

    expect(atOnce).toEqual([]);
    expect(received().sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(new Set(delays).size).toBe(4);
    for (const delay of delays) expect(delay).toBeLessThan(5000);
  });

  test('are overtaken, each by the one that follows it, when all are reordered', async () => {
    const { call, received, aws } = await startWithFaults({ reorderEvent: 1 });

    for (const name of ['a', 'b', 'c', 'd']) await call(name);
    await aws.idle();

    expect(received()).toEqual(['b', 'a', 'd', 'c']);
  });

  test('come at last when they are to be overtaken and no other event follows', async () => {
    const { call, received, clock } = await startWithFaults({ reorderEvent: 1 });
    await call('a');

    await clock.advance(0);
    const before = received();
    await clock.advance(1000);
    const after = received();
    await call('b');
    await clock.advance(1000);

    expect([before, after, received()]).toEqual([[], ['a'], ['a', 'b']]);
  });

  test('are lost, and nothing waits for them, when the local AWS ends before they come', async () => {
    const { call, received, clock, aws } = await startWithFaults({ delayEvent: 1, delayMs: 600_000 });
    await call('a');

    await aws.close();
    await aws.idle();

    expect([received(), clock.sleeping]).toEqual([[], []]);
  });

  test('of the same seed meet the same faults', async () => {
    const rates = { dropEvent: 0.3, doubleEvent: 0.3, reorderEvent: 0.3 };
    const runs: string[][] = [];

    for (const seed of [5, 5, 6]) {
      const { call, received, clock } = await startWithFaults({ ...rates, seed });
      for (let number = 0; number < 30; number++) await call(`call-${number}`);
      await clock.advance(10_000);
      runs.push(received());
    }

    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).not.toEqual(runs[0]);
  });
});
