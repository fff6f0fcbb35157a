import type { Operation } from '../../operation.ts';
import { functionArnOf, readFunction } from '../read-function.ts';

export const getFunctionConfiguration: Operation = {
  parameters: ['FunctionName'],
  readOnly: true,
  resourceOf: functionArnOf,
  run(parameters, region) {
    const { name, arn, role, environment, state } = readFunction(parameters, region);
    return {
      FunctionName: name,
      FunctionArn: arn,
      Role: role,
      State: state,
      LastUpdateStatus: 'Successful',
      Environment: { Variables: environment },
    };
  },
};
