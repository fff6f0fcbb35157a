import type { Operation } from '../../operation.ts';
import { functionArnOf, readFunction } from '../read-function.ts';

/** Documented: `Concurrency` is there for a function with reserved concurrency alone. Where the code is, is left out. */
export const getFunction: Operation = {
  parameters: ['FunctionName'],
  readOnly: true,
  resourceOf: functionArnOf,
  run(parameters, region) {
    const { name, arn, role, environment, state, reservedConcurrency } = readFunction(parameters, region);
    return {
      Configuration: {
        FunctionName: name,
        FunctionArn: arn,
        Role: role,
        State: state,
        LastUpdateStatus: 'Successful',
        Environment: { Variables: environment },
      },
      ...(reservedConcurrency !== undefined && {
        Concurrency: { ReservedConcurrentExecutions: reservedConcurrency },
      }),
    };
  },
};
