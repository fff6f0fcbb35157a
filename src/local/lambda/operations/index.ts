import type { Operation } from '../../operation.ts';
import { getFunction } from './get-function.ts';
import { getPolicy } from './get-policy.ts';
import { invoke } from './invoke.ts';

/** The operations by name. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    GetFunction: getFunction,
    GetPolicy: getPolicy,
    Invoke: invoke,
  }),
);
