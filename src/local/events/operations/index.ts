import type { Operation } from '../../operation.ts';
import { describeRule } from './describe-rule.ts';
import { listTargetsByRule } from './list-targets-by-rule.ts';
import { putEvents } from './put-events.ts';

/** The operations by the end of the header X-Amz-Target. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ DescribeRule: describeRule, ListTargetsByRule: listTargetsByRule, PutEvents: putEvents }),
);
