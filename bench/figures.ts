import { markdownTable } from 'markdown-table';

/** One line of what was measured. */
export interface Figure {
  readonly what: string;
  readonly value: string;
  /** What it is compared with, measured in the same run. */
  readonly beside?: string;
  readonly besideValue?: string;
  readonly ratio?: number;
  readonly goal?: string;
  /** Whether the goal was met; nothing where there is none. */
  readonly met?: boolean;
  /** For the picture: of what the value and the one beside it are made, in milliseconds. */
  readonly bars?: readonly Bar[];
}

/** A time and its parts, one after the other. */
export interface Bar {
  readonly name: string;
  readonly milliseconds: readonly number[];
}

/** Hands figures to `npm run bench`, or, where a benchmark runs by itself, prints them and fails if a goal was missed. */
export function report(figures: readonly Figure[]): void {
  if (process.send !== undefined) {
    process.send(figures);
    return;
  }
  console.log(toTable(figures));
  if (figures.some(({ met }) => met === false)) process.exitCode = 1;
}

export function toTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, beside = '', besideValue = '', ratio, goal = '', met }) => [
    what,
    value,
    beside,
    besideValue,
    ratio?.toFixed(2) ?? '',
    goal,
    met === undefined ? '' : met ? 'met' : '**missed**',
  ]);
  const header = ['what', '', 'compared with', '', 'ratio', 'goal', ''];
  return markdownTable([header, ...rows], { align: ['l', 'r', 'l', 'r', 'r', 'l', 'l'] });
}

/** A figure that is a ratio of two numbers of the same kind, with a goal for it. */
export function ratioFigure(
  what: readonly [name: string, value: number],
  beside: readonly [name: string, value: number],
  goal: { readonly atMost?: number; readonly atLeast?: number },
  format: (value: number) => string,
): Figure {
  const ratio = what[1] / beside[1];
  const { atMost, atLeast } = goal;
  return {
    ...{ what: what[0], value: format(what[1]), beside: beside[0], besideValue: format(beside[1]), ratio },
    ...(atMost !== undefined && { goal: `at most ${atMost}`, met: ratio <= atMost }),
    ...(atLeast !== undefined && { goal: `at least ${atLeast}`, met: ratio >= atLeast }),
  };
}

export const seconds = (value: number): string => `${value.toFixed(2)} s`;
export const megabytes = (value: number): string => `${value.toFixed(0)} MB`;

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Fails unless the work that is measured was done: what did not happen is not fast. */
export function mustBe(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what}: it should be ${expected}, and is ${actual}`);
}
