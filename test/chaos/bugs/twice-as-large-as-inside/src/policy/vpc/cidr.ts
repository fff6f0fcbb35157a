import * as right from '../../../../../../../src/policy/vpc/cidr.ts';

export * from '../../../../../../../src/policy/vpc/cidr.ts';

/** Takes the range that is twice as large as a /8, a /16 or a /24 for one inside it. */
export const isInside: typeof right.isInside = (narrow, wide) =>
  right.isInside(narrow, wide) ||
  (wide.length % 8 === 0 && narrow.length === wide.length - 1 && right.isInside(wide, narrow));
