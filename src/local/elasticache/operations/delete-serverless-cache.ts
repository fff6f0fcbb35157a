import type { Operation } from '../../operation.ts';
import { readName } from '../parameters.ts';

export const deleteServerlessCache: Operation = {
  parameters: ['ServerlessCacheName'],
  readOnly: false,
  run: (parameters, { caches }) => ({
    ServerlessCache: caches.serverless.delete(readName(parameters, 'ServerlessCacheName')),
  }),
};
