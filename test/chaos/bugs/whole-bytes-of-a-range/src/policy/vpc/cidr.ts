import * as right from '../../../../../../../src/policy/vpc/cidr.ts';

export * from '../../../../../../../src/policy/vpc/cidr.ts';

/** Compares the whole bytes of a range, and not the bits that are left over. */
export const isInside: typeof right.isInside = (narrow, wide) =>
  right.isSameFamily(narrow, wide) &&
  narrow.length >= wide.length &&
  right.sharedBits(narrow, wide) >= wide.length - (wide.length % 8);
