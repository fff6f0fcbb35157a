import { describe, expect, test } from 'vitest';
import { drawFaults, type FaultSettings, NO_FAULTS } from '../../src/local/faults.ts';
import { recordingFunction, startAws } from '../support/local-aws/local-aws.ts';

const DESCRIBE = 'DescribeCacheSecurityGroups';

/** A local AWS that mistreats functions, with one that always fails. `call` makes a call with a name of its own. */
async function startWithFaults(faults: Partial<FaultSettings>) {
  const started = await startAws({ faults: drawFaults({ ...NO_FAULTS, ...faults }) });
  const recorder = recordingFunction({}, () => ({ error: { name: 'Error', message: 'no luck' } }));
  started.aws.deploy([recorder]);
  return {
    ...started,
    call: (name: string) => started.call(DESCRIBE, { CacheSecurityGroupName: name }),
    mishaps: () => recorder.invocations.map(({ mishap }) => mishap),
  };
}

describe('a function', () => {
  test('meets no mishap when none is asked for', async () => {
    const { call, clock, mishaps } = await startWithFaults({});

    await call('a');
    await clock.advance(600_000);

    expect(mishaps()).toEqual([{}, {}, {}]);
  });

  test('crashes within 200 ms at every try when all crash, each time at another moment', async () => {
    const { call, clock, mishaps } = await startWithFaults({ crash: 1 });

    await call('a');
    await clock.advance(600_000);

    const moments = mishaps().map((mishap) => mishap?.crashAfterMs as number);
    expect(new Set(moments).size).toBe(3);
    expect(Math.min(...moments)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...moments)).toBeLessThan(200);
  });

  test('has less than two seconds at every try when all run out of time', async () => {
    const { call, clock, mishaps } = await startWithFaults({ timeOut: 1 });

    await call('a');
    await clock.advance(600_000);

    const times = mishaps().map((mishap) => mishap?.timeoutMs as number);
    expect(times).toHaveLength(3);
    expect(Math.max(...times)).toBeLessThan(2_000);
  });

  test('meets the same mishaps with the same seed, in whatever order its events come', async () => {
    const names = Array.from({ length: 20 }, (_, number) => `call-${number}`);
    const runs: unknown[] = [];

    for (const order of [names, names.toReversed()]) {
      const { call, clock, mishaps } = await startWithFaults({ crash: 0.3, timeOut: 0.3, seed: 5 });
      for (const name of order) await call(name);
      await clock.advance(600_000);
      runs.push(
        mishaps()
          .map((mishap) => JSON.stringify(mishap))
          .sort(),
      );
    }

    expect(runs[1]).toEqual(runs[0]);
    expect(new Set(runs[0] as string[]).size).toBeGreaterThan(10);
  });
});
