import { closeSync, openSync, writeSync } from 'node:fs';
import { explainUnreadable } from '../allowlist/explain-unreadable.ts';
import type { LocalAws } from '../local/local-aws.ts';
import { CommandError, type Io } from './io.ts';

/**
 * Files to which a local AWS adds what happens, a line each. They are opened at once, so that one that cannot be written is refused before
 * anything happens, and a line is in its file as soon as it is written.
 *
 * @param record for the events of calls that change something, as EventBridge delivers them: what `replay` reads.
 * @param decisions for the decision lines of the functions: what `undo` reads.
 * @throws {CommandError} if a file cannot be written.
 */
export function openRecords({ record, decisions }: { readonly record?: string; readonly decisions?: string }, io: Io) {
  const events = record === undefined ? undefined : open(record, io);
  const lines = decisions === undefined ? undefined : open(decisions, io);
  return {
    follow(aws: LocalAws): void {
      if (events !== undefined) {
        aws.events.on('event', (event) => {
          const { eventName, readOnly } = (event.detail ?? {}) as { eventName?: unknown; readOnly?: unknown };
          // Schedules and heartbeats are no calls.
          if (eventName !== undefined && readOnly === false) events.add(JSON.stringify(event));
        });
      }
      if (lines !== undefined) {
        aws.events.on('output', ({ line }) => {
          if (isDecision(line)) lines.add(line);
        });
      }
    },
    close(): void {
      events?.close();
      lines?.close();
    },
  };
}

function open(path: string, { stderr }: Io) {
  let file: number | undefined = attempt(path, () => openSync(path, 'a'));
  const close = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };
  return {
    close,
    add(line: string): void {
      if (file === undefined) return;
      try {
        writeSync(file, `${line}\n`);
      } catch (error) {
        stderr.write(`ingress-guard: ${path} cannot be written: ${explainUnreadable(error)}. It gets no more lines\n`);
        close();
      }
    },
  };
}

function attempt<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw new CommandError(`${path} cannot be written: ${explainUnreadable(error)}`, { cause: error });
  }
}

function isDecision(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    return (JSON.parse(line) as { message?: unknown }).message === 'decision';
  } catch {
    // Whatever a function prints.
    return false;
  }
}
