import type { Operation } from '../../operation.ts';
import { getFunctionConcurrency } from './get-function-concurrency.ts';
import { getFunctionConfiguration } from './get-function-configuration.ts';
import { getPolicy } from './get-policy.ts';
import { invoke } from './invoke.ts';

/** The operations by name. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    GetFunctionConcurrency: getFunctionConcurrency,
    GetFunctionConfiguration: getFunctionConfiguration,
    GetPolicy: getPolicy,
    Invoke: invoke,
  }),
);
