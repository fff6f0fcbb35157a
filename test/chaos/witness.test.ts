import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LocalAws } from '../../src/local/local-aws.ts';
import { APP_ID } from './simulation/user-agent.ts';
import { Witness } from './simulation/witness.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const REQUEST_ID = '01234567-89ab-4cde-8f01-23456789abcd';
const TRACE_ID = `Root=1-00000000-${REQUEST_ID.replaceAll('-', '').slice(0, 24)};Sampled=0`;

/** A witness of an invocation, and what happens to it. */
function stage() {
  const events = new EventEmitter();
  const witness = new Witness();
  witness.watch({ events } as unknown as LocalAws);
  const response = { destroyed: false, writableFinished: true, once() {} } as unknown as ServerResponse;
  return {
    witness,
    /** @param slowMs how long AWS takes to act on the request. */
    revokes(slowMs = 0) {
      const headers = { 'amz-sdk-request': 'attempt=1', 'amz-sdk-invocation-id': 'call' };
      witness.seeRequest({ headers } as unknown as IncomingMessage, response);
      vi.advanceTimersByTime(slowMs);
      events.emit('call', {
        action: 'RevokeCacheSecurityGroupIngress',
        service: { name: 'elasticache' },
        parameters: new Map([
          ['CacheSecurityGroupName', 'cache-1'],
          ['EC2SecurityGroupName', 'web'],
          ['EC2SecurityGroupOwnerId', '111122223333'],
        ]),
        userAgent: `app/${APP_ID}`,
        readOnly: false,
        result: {},
        traceId: TRACE_ID,
      });
    },
    /** @param takesMs how long it takes until its environment is gone. */
    dies(takesMs = 0) {
      const attempt = {
        error: { name: 'Runtime.ExitError', message: 'the function ended' },
        crashedAt: Date.now() - takesMs,
      };
      const event = { id: 'event', detail: {} };
      events.emit('attempt', { functionName: 'enforce', event, attempt, number: 1, requestId: REQUEST_ID });
    },
  };
}

describe('a revocation without a decision line', () => {
  test('is a breach, if the function had its answer', () => {
    const { witness, revokes } = stage();

    revokes();

    expect(witness.revokedUnreported()).toEqual(['cache-1 web 111122223333']);
  });

  test.each([
    ['right before the call took effect', -12],
    ['right after the answer was on its way', 12],
  ])('is none, if the function died %s: no function could report it', (_, diedAfterMs) => {
    const { witness, revokes, dies } = stage();
    const [first, second] = diedAfterMs < 0 ? [dies, revokes] : [revokes, dies];

    first();
    vi.advanceTimersByTime(Math.abs(diedAfterMs));
    second();

    expect(witness.revokedUnreported()).toEqual([]);
  });

  test('is none, if the function died right after the answer was on its way, and its end took long', () => {
    const { witness, revokes, dies } = stage();

    revokes();
    vi.advanceTimersByTime(1_053);
    dies(1_040);

    expect(witness.revokedUnreported()).toEqual([]);
  });

  test('is a breach, if the function died long after the answer', () => {
    const { witness, revokes, dies } = stage();

    revokes();
    vi.advanceTimersByTime(1_053);
    dies();

    expect(witness.revokedUnreported()).toEqual(['cache-1 web 111122223333']);
  });

  test('is none, if the function died while AWS was slow to act on the request', () => {
    const { witness, revokes, dies } = stage();
    setTimeout(dies, 100);

    revokes(1_000);

    expect(witness.revokedUnreported()).toEqual([]);
  });

  test('is a breach, if only an earlier try of the function died', () => {
    const { witness, revokes, dies } = stage();

    dies();
    // The shortest wait of the local Lambda before its next try, in the time of the simulation.
    vi.advanceTimersByTime(250);
    revokes();

    expect(witness.revokedUnreported()).toEqual(['cache-1 web 111122223333']);
  });
});
