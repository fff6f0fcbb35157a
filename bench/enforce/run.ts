// What bench/enforce.ts measures, each in a process of its own, told by its parent and in a message what to do.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { lambdaContext } from '../../test/support/functions/lambda-context.ts';
import { stubHttp } from './stub-http.ts';

/** What to measure. Handlers are files; each is called with its event. */
export type Task =
  /** From importing the handler to its first outcome. */
  | { readonly kind: 'start'; readonly handler: string; readonly event: unknown }
  /** One call after the other, in turns, with HTTP stubbed; and how long each took. */
  | { readonly kind: 'warm'; readonly calls: number; readonly handlers: readonly { handler: string; event: unknown }[] }
  /** Many calls, with these events in turn; the most memory that the process had, and what of it is in use. */
  | { readonly kind: 'memory'; readonly calls: number; readonly handler: string; readonly events: readonly unknown[] };

/** What it came to. */
export interface Measured {
  /** Of `start` those of the import and of the event; of `warm` the median of each handler. */
  readonly milliseconds: readonly number[];
  /** What was answered last, by each handler or event; and how often HTTP was asked. */
  readonly answers: readonly unknown[];
  readonly requests: number;
  readonly peakKilobytes: number;
  /** Of `memory`: the heap and the buffers after the garbage was collected. */
  readonly bytesInUse: number;
}

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

async function load(file: string): Promise<Handler> {
  const { handler } = await import(file);
  return handler;
}

async function start({ handler: file, event }: Task & { kind: 'start' }): Promise<Partial<Measured>> {
  const context = lambdaContext();
  const started = performance.now();
  const handler = await load(file);
  const loaded = performance.now();
  const answer = await handler(event, context);
  return { milliseconds: [loaded - started, performance.now() - loaded], answers: [answer] };
}

async function warm({ calls, handlers }: Task & { kind: 'warm' }): Promise<Partial<Measured>> {
  const http = stubHttp();
  const loaded = await Promise.all(handlers.map(({ handler }) => load(handler)));
  const took = handlers.map((): number[] => []);
  const answers: unknown[] = [];
  for (let call = -WARM_UP; call < calls; call++) {
    for (const [i, handler] of loaded.entries()) {
      // One for each call: on a busy machine all of them take longer than one may.
      const context = lambdaContext();
      const started = performance.now();
      answers[i] = await handler(handlers[i]?.event, context);
      if (call >= 0) took[i]?.push(performance.now() - started);
    }
    // Timers that the SDK set for a request that is answered are done with here, and not at somebody's expense.
    await nextTurn();
  }
  return { milliseconds: took.map(median), answers, requests: http.requests };
}

async function memory({ calls, handler: file, events }: Task & { kind: 'memory' }): Promise<Partial<Measured>> {
  const handler = await load(file);
  const answers: unknown[] = [];
  for (let call = 0; call < calls; call++) {
    const which = call % events.length;
    answers[which] = await handler(events[which], lambdaContext());
    // As between the events of a real function: what was written to the log is let go of here.
    await nextTurn();
  }
  const peakKilobytes = process.resourceUsage().maxRSS;
  // Twice: what a weak reference speaks of lives until the turn after the first has ended.
  for (let collection = 0; collection < 2; collection++) {
    await nextTurn();
    global.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return { answers, peakKilobytes, bytesInUse: heapUsed + external };
}

const WARM_UP = 500;

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

process.once('message', async (task: Task) => {
  const measured = await (task.kind === 'start' ? start(task) : task.kind === 'warm' ? warm(task) : memory(task));
  const peakKilobytes = process.resourceUsage().maxRSS;
  const whole: Measured = { milliseconds: [], answers: [], requests: 0, peakKilobytes, bytesInUse: 0, ...measured };
  process.send?.(whole, () => process.exit());
});
