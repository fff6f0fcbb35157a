import type { Context } from 'aws-lambda';
import { vi } from 'vitest';
import { stubEnvironment } from './aws-environment.ts';
import { lambdaContext } from './lambda-context.ts';

/** An entry of a function's log. */
export type LogEntry = Record<string, unknown>;

/** How one invocation ended, and what it printed. */
export interface Invocation<Result> {
  readonly result: Result | undefined;
  readonly error: Error | undefined;
  /** As they reach CloudWatch Logs: every line is an entry of its own. */
  readonly lines: readonly string[];
  readonly entries: readonly LogEntry[];
  readonly decisions: readonly LogEntry[];
  /** The blobs in CloudWatch's embedded metric format. */
  readonly metrics: readonly LogEntry[];
}

/** @param onLine is given each line when it is printed. */
export type Invoke<Result> = (
  event: unknown,
  context?: Partial<Context>,
  onLine?: (line: string) => void,
) => Promise<Invocation<Result>>;

/** A function after a cold start: its module anew, in this environment and no other. Invoked again, it is warm. */
export async function startFunction<Result>(
  load: () => Promise<{ readonly handler: (event: unknown, context: Context) => Promise<Result> }>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Invoke<Result>> {
  stubEnvironment(environment);
  vi.resetModules();
  const { handler } = await load();
  return async (event, context, onLine) => {
    let result: Result | undefined;
    let error: Error | undefined;
    const output = captureOutput(onLine);
    try {
      result = await handler(event, lambdaContext(context));
    } catch (thrown) {
      error = thrown as Error;
    } finally {
      output.end();
    }
    const entries = output.lines.map((line) => JSON.parse(line) as LogEntry);
    return {
      result,
      error,
      lines: output.lines,
      entries,
      decisions: entries.filter(({ message }) => message === 'decision'),
      metrics: entries.filter((entry) => '_aws' in entry),
    };
  };
}

/** Takes what the process prints, by line, until `end`. */
function captureOutput(onLine?: (line: string) => void): { readonly lines: readonly string[]; end(): void } {
  const lines: string[] = [];
  const write = ((chunk: string | Uint8Array) => {
    for (const line of chunk.toString().replace(/\n$/, '').split('\n')) {
      lines.push(line);
      onLine?.(line);
    }
    return true;
  }) as typeof process.stdout.write;
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(write));
  return {
    lines,
    end() {
      for (const spy of spies) spy.mockRestore();
    },
  };
}
