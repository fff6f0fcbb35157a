import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Io } from './io.ts';

/** Asks a person at a terminal. */
export interface Asker extends Disposable {
  /** Whether the answer is yes. Ctrl-D and Ctrl-C say no. */
  ask(question: string): Promise<boolean>;
}

/** Asks one or more questions of a person. */
export function asker({ stdin, stderr, interrupted }: Io): Asker {
  let terminal: Interface | undefined;
  let lines: AsyncIterator<string> | undefined;
  return {
    async ask(question) {
      if (interrupted.aborted) return false;
      // The terminal edits the line, so that Ctrl-C ends the process as it ends any other.
      terminal ??= createInterface({ input: stdin, terminal: false });
      lines ??= terminal[Symbol.asyncIterator]();
      stderr.write(`${question} [y/N] `);
      const ended = new AbortController();
      const stopped = once(interrupted, 'abort', { signal: ended.signal }).catch(() => {});
      const answer = await Promise.race([lines.next(), stopped.then(() => undefined)]);
      ended.abort();
      return answer !== undefined && answer.done !== true && /^y(es)?$/i.test(answer.value.trim());
    },
    [Symbol.dispose]: () => terminal?.close(),
  };
}
