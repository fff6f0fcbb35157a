const ENDED = 'the call was ended before it was answered';

/** Runs something until a signal is aborted: then it rejects as the SDK does, whatever is still under way. */
export async function endedBy<Answer>(signal: AbortSignal | undefined, run: () => Promise<Answer>): Promise<Answer> {
  if (signal === undefined) return await run();
  const toError = () => Object.assign(new Error(ENDED, { cause: signal.reason }), { name: 'AbortError' });
  if (signal.aborted) throw toError();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(toError());
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([aborted.promise, run()]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
