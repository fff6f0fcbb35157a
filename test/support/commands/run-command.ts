import { PassThrough } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { Io } from '../../../src/cli/io.ts';

/** A command that runs in this process. */
export interface RunningCommand {
  /** What it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Both of them in the order of writing, as on a terminal. */
  readonly terminal: () => string;
  readonly exitCode: Promise<number>;
  /** As Ctrl-C. */
  interrupt(): void;
}

/** What is on the other side of a command. */
export interface Surroundings {
  /** What can be read from standard input; nothing if it is not there. */
  readonly stdin?: string | Buffer;
  /** Whether it is a person at a terminal. */
  readonly isTTY?: boolean;
}

/** Starts `ingress-guard` with these arguments. It is interrupted at the end of the test at the latest. */
export function startCommand(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  { stdin = '', isTTY = false }: Surroundings = {},
): RunningCommand {
  const interrupted = new AbortController();
  let terminal = '';
  const onTerminal = (chunk: string): void => {
    terminal += chunk;
  };
  const [stdout, stderr] = [collect(isTTY, onTerminal), collect(isTTY, onTerminal)];
  const io: Io = {
    stdin: Object.assign(new PassThrough().end(stdin), { isTTY }),
    stdout: stdout.stream,
    stderr: stderr.stream,
    environment,
    interrupted: interrupted.signal,
  };
  // Imported now, so that a test can have its modules anew.
  const exitCode = import('../../../src/cli/run.ts').then(({ run }) => run(argv, io));
  onTestFinished(async () => {
    interrupted.abort();
    await exitCode;
  });
  return {
    stdout: stdout.text,
    stderr: stderr.text,
    terminal: () => terminal,
    exitCode,
    interrupt: () => interrupted.abort(),
  };
}

function collect(
  isTTY: boolean,
  also: (chunk: string) => void,
): { readonly stream: PassThrough & { isTTY: boolean }; text(): string } {
  const stream = Object.assign(new PassThrough(), { isTTY });
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk;
    also(chunk);
  });
  return { stream, text: () => text };
}
