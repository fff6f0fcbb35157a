import type { Operation } from '../../operation.ts';
import { filterLogEvents } from './filter-log-events.ts';

/** The operations by the end of the header X-Amz-Target. */
export const operations: ReadonlyMap<string, Operation> = new Map(Object.entries({ FilterLogEvents: filterLogEvents }));
