import * as right from '../../../../../../../src/policy/vpc/cidr.ts';

export * from '../../../../../../../src/policy/vpc/cidr.ts';

/** Takes a range for inside another one if the two overlap. */
export const isInside: typeof right.isInside = (one, other) => right.isInside(one, other) || right.isInside(other, one);
