import { onTestFinished, vi } from 'vitest';

/** Time for one test, which passes only when the test lets it: what must happen before a deadline then does, on any machine. */
export interface HeldTime {
  /** Lets this much time pass, in milliseconds, for `Date`, for `setTimeout` and for `AbortSignal.timeout`. */
  pass(ms: number): Promise<void>;
}

/** Holds time until the test is over. What needs none, such as a call over HTTP, goes on. */
export function holdTime(): HeldTime {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const controller = new AbortController();
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    setTimeout(() => controller.abort(reason), ms);
    return controller.signal;
  });
  onTestFinished(() => {
    timeout.mockRestore();
    vi.useRealTimers();
  });
  return {
    async pass(ms) {
      await vi.advanceTimersByTimeAsync(ms);
    },
  };
}
