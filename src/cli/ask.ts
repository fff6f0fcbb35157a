import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Io } from './io.ts';

/** Asks a person at a terminal. */
export interface Asker extends Disposable {
  /** Whether the answer is yes. Ctrl-D and Ctrl-C say no. */
  ask(question: string): Promise<boolean>;
}

/** Asks one or more questions of a person. A line that was typed before a question was asked is no answer to it. */
export function asker({ stdin, stderr, interrupted }: Io): Asker {
  let terminal: Interface | undefined;
  let isClosed = false;
  return {
    async ask(question) {
      if (interrupted.aborted) return false;
      if (terminal === undefined) {
        // The terminal edits the line, so that Ctrl-C ends the process as it ends any other.
        terminal = createInterface({ input: stdin, terminal: false });
        terminal.once('close', () => {
          isClosed = true;
        });
      }
      stderr.write(`${question} [y/N] `);
      if (isClosed) return false;
      const ended = new AbortController();
      const { signal } = ended;
      const line = once(terminal, 'line', { signal }).then(([text]) => text as string);
      const noAnswer = [once(terminal, 'close', { signal }), once(interrupted, 'abort', { signal })];
      const answer = await Promise.race([line, ...noAnswer.map((one) => one.then(() => ''))]);
      // The others end with an AbortError, which says nothing.
      for (const one of [line, ...noAnswer]) one.catch(() => {});
      ended.abort();
      return /^y(es)?$/i.test(answer.trim());
    },
    [Symbol.dispose]: () => terminal?.close(),
  };
}
