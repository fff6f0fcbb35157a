// How the memory of the enforce function fares over many events. A part of bench/enforce.ts.
import { type Figure, median, mustBe, ratioFigure } from '../figures.ts';
import type { Measured, Task } from './run.ts';

/**
 * Lambda sizes the heap by the memory of the function, here 512 MB: a twentieth for each half of the young generation, nine tenths
 * for the old one. Seen in /var/runtime/bootstrap of AWS's images for Node 14 and 18; that Node 24 has the same is inferred.
 */
export const HEAP_AS_IN_LAMBDA = ['--expose-gc', '--max-semi-space-size=25', '--max-old-space-size=461'];

/** Many events, in which V8 has collected and compiled as it does for good; and those before it has. */
const MANY = 10_000;
const FEW = 100;
/** By then V8 has compiled what is run often, which takes more memory than all else that comes after the first events. */
const COMPILED = 1_000;

/** What a process had after so many events, in megabytes. */
interface Memory {
  /** The most that the operating system counted. */
  readonly peak: number;
  /** The heap and the buffers, without garbage. */
  readonly inUse: number;
}

/**
 * @param run runs a task in a new process.
 * @param events to give to the handler in turn, each with the outcome that it must have.
 */
export async function measureMemory(
  name: string,
  run: (task: Task) => Promise<Measured>,
  handler: string,
  events: readonly { readonly event: unknown; readonly outcome: string }[],
  rounds: number,
): Promise<Figure[]> {
  const after = async (calls: number): Promise<Memory> => {
    const task = { kind: 'memory', calls, handler, events: events.map(({ event }) => event) } as const;
    const { peakKilobytes, bytesInUse, answers } = await run(task);
    for (const [i, answer] of answers.entries()) {
      mustBe('the outcome', (answer as { outcome?: unknown }).outcome, events[i]?.outcome);
    }
    return { peak: peakKilobytes / 1024, inUse: bytesInUse / 1024 ** 2 };
  };
  const [few, compiled, many]: [Memory[], Memory[], Memory[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    few.push(await after(FEW));
    compiled.push(await after(COMPILED));
    many.push(await after(MANY));
  }
  const peak = (memories: readonly Memory[]): number => median(memories.map((memory) => memory.peak));
  const inUse = (memories: readonly Memory[]): number => median(memories.map((memory) => memory.inUse));
  const mb = (value: number): string => `${value.toFixed(1)} MB`;
  const goal = { atMost: 1.2 };
  return [
    ratioFigure([`peak memory after 10,000 events, ${name}`, peak(many)], ['after 100', peak(few)], goal, mb),
    ratioFigure(['', peak(many)], ['after 1,000, once V8 has compiled', peak(compiled)], {}, mb),
    ratioFigure([`memory in use after 10,000 events, ${name}`, inUse(many)], ['after 100', inUse(few)], goal, mb),
  ];
}
