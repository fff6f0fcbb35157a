import * as right from '../../../../../../src/enforcement/deadline.ts';

export * from '../../../../../../src/enforcement/deadline.ts';

/** Goes on for ten minutes after its time. */
export const timeUntil: typeof right.timeUntil = (deadline) => right.timeUntil(new Date(deadline.getTime() + 600_000));
