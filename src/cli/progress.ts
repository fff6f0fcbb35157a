import { SingleBar } from 'cli-progress';
import type { Io } from './io.ts';
import { isLively } from './paint.ts';

/** How far a command has come. */
export interface Progress {
  /** So much more is done. */
  advance(by?: number): void;
  /** Takes the bar away, so that other lines can be written. It does not come back. */
  stop(): void;
}

/** Of what needs no bar. */
export const NO_PROGRESS: Progress = { advance() {}, stop() {} };

/** What takes less long needs no bar, in milliseconds. */
const SHOWN_AFTER = 1000;

/**
 * A progress bar on standard error, for a command that takes longer than a second. It needs a terminal that can move its cursor;
 * elsewhere nothing is written.
 *
 * @param format as of cli-progress: `{bar}`, `{value}`, `{total}`, and the names in `values`.
 * @param values are read each time the bar is drawn.
 */
export function startProgress(io: Io, total: number, format: string, values: object = {}): Progress {
  if (!isLively(io, 'stderr')) return NO_PROGRESS;
  let done = 0;
  let bar: SingleBar | undefined;
  const timer = setTimeout(() => {
    bar = new SingleBar({ stream: io.stderr, clearOnComplete: true, format });
    bar.start(total, done, values);
  }, SHOWN_AFTER);
  return {
    advance(by = 1) {
      done += by;
      bar?.update(done);
    },
    stop() {
      clearTimeout(timer);
      bar?.stop();
      bar = undefined;
    },
  };
}
