import type { Operation } from '../../operation.ts';
import { getQueueAttributes } from './get-queue-attributes.ts';

/** The operations by the end of the header X-Amz-Target. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ GetQueueAttributes: getQueueAttributes }),
);
