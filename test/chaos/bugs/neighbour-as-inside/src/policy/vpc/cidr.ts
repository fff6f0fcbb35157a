import * as right from '../../../../../../../src/policy/vpc/cidr.ts';

export * from '../../../../../../../src/policy/vpc/cidr.ts';

/** Leaves out the last bit where it is the first of a byte: of a /9, a /17 or a /25. */
export const isInside: typeof right.isInside = (narrow, wide) =>
  right.isInside(narrow, wide) ||
  (wide.length % 8 === 1 && narrow.length >= wide.length && right.sharedBits(narrow, wide) === wide.length - 1);
