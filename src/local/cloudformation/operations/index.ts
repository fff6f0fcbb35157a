import type { Operation } from '../../operation.ts';
import { listStackInstances } from './list-stack-instances.ts';

/** The operations by the value of `Action`. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ ListStackInstances: listStackInstances }),
);
