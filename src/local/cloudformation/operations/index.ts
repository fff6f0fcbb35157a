import type { Operation } from '../../operation.ts';
import { describeStacks } from './describe-stacks.ts';
import { listStackInstances } from './list-stack-instances.ts';
import { listStackResources } from './list-stack-resources.ts';

/** The operations by the value of `Action`. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    DescribeStacks: describeStacks,
    ListStackInstances: listStackInstances,
    ListStackResources: listStackResources,
  }),
);
