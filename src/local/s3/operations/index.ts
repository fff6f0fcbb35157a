import type { Operation } from '../../operation.ts';
import { getObject } from './get-object.ts';
import { listObjectsV2 } from './list-objects-v2.ts';
import { putObject } from './put-object.ts';

/** The operations by their names. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ GetObject: getObject, ListObjectsV2: listObjectsV2, PutObject: putObject }),
);
