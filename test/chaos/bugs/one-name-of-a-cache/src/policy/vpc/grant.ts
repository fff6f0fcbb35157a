import type * as right from '../../../../../../../src/policy/vpc/grant.ts';

export * from '../../../../../../../src/policy/vpc/grant.ts';

/** Knows a cache by the name of its replication group alone. */
export const namesOf: typeof right.namesOf = ({ cacheName }) => [cacheName];
