import { type Figure, median, ratioFigure } from '../figures.ts';

/** Compares starts, each given as the times of the import and of the first event. */
export function startFigure(
  what: string,
  ours: readonly number[][] = [],
  beside: string,
  theirs: readonly number[][] = [],
  goal: { atMost?: number },
): Figure {
  const whole = (starts: readonly number[][]): number => median(starts.map(([load = 0, event = 0]) => load + event));
  const parts = (starts: readonly number[][]): number[] => [0, 1].map((i) => median(starts.map((one) => one[i] ?? 0)));
  const figure = ratioFigure([what, whole(ours)], [beside, whole(theirs)], goal, (ms) => `${ms.toFixed(1)} ms`);
  const bars = [
    ...(what === '' ? [] : [{ name: what, milliseconds: parts(ours) }]),
    { name: beside, milliseconds: parts(theirs) },
  ];
  return { ...figure, bars };
}
