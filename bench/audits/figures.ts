import type { Run } from '../../test/support/commands/run-and-measure.ts';
import { type Figure, median, megabytes, ratioFigure, seconds } from '../figures.ts';

const MOST_MEGABYTES = 300;

/** Compares the runs of an audit with those of the program that makes the same calls. */
export function auditFigures(what: string, audit: readonly Run[], bare: readonly Run[]): Figure[] {
  const time = (runs: readonly Run[]): number => median(runs.map((run) => run.seconds));
  const peak = (runs: readonly Run[]): number => Math.max(...runs.map((run) => run.peak));
  const alone = 'its API calls alone';
  return [
    ratioFigure([what, time(audit)], [alone, time(bare)], { atMost: 1.1 }, seconds),
    {
      ...ratioFigure([`${what}, peak memory`, peak(audit)], [alone, peak(bare)], {}, megabytes),
      goal: `under ${MOST_MEGABYTES} MB`,
      met: peak(audit) < MOST_MEGABYTES,
    },
  ];
}
