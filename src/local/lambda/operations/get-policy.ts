import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';
import { functionArnOf, readFunction } from '../read-function.ts';

export const getPolicy: Operation = {
  parameters: ['FunctionName'],
  readOnly: true,
  resourceOf: functionArnOf,
  run(parameters, region) {
    const { policy: Statement } = readFunction(parameters, region);
    if (Statement.length === 0) {
      // Seen in public reports.
      const message = 'The resource you requested does not exist.';
      throw new ApiError('ResourceNotFoundException', message, 404);
    }
    return { Policy: JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement }), RevisionId: '1' };
  },
};
