import type { Operation } from '../../operation.ts';
import { functionArnOf, readFunction } from '../read-function.ts';

/** Documented: an empty answer for a function without reserved concurrency. */
export const getFunctionConcurrency: Operation = {
  parameters: ['FunctionName'],
  readOnly: true,
  resourceOf: functionArnOf,
  run(parameters, region) {
    const { reservedConcurrency } = readFunction(parameters, region);
    return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
  },
};
