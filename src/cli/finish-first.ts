import { once } from 'node:events';
import type { Io } from './io.ts';

/**
 * From now on Ctrl-C does not end the process: what is under way is to be finished and reported, and nothing more to be begun. A second
 * one ends it at once.
 *
 * @param onInterrupt is called then.
 */
export function finishFirst({ interrupted, stderr }: Io, onInterrupt = (): void => {}): Disposable {
  const listen = (): void => {
    stderr.write(
      'ingress-guard: ending: nothing more is changed, and the outcomes follow. Ctrl-C again ends it at once\n',
    );
    onInterrupt();
  };
  interrupted.addEventListener('abort', listen, { once: true });
  return { [Symbol.dispose]: () => interrupted.removeEventListener('abort', listen) };
}

/**
 * Writes a line about what was changed: to standard error if no one reads standard output any more. What was changed is always
 * reported.
 */
export async function report(io: Io, line: string): Promise<void> {
  const { stderr } = io;
  if (!(await print(io, line)) && !stderr.write(`${line}\n`)) await once(stderr, 'drain');
}

/** Writes a line to standard output, and waits for a slow reader. Returns whether someone still reads. */
export async function print({ stdout }: Io, line: string): Promise<boolean> {
  return (await new Promise<unknown>((resolve) => stdout.write(`${line}\n`, resolve))) == null;
}
