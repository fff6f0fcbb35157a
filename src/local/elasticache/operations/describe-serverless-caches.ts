import type { Operation } from '../../operation.ts';
import { readInteger } from '../../parameters.ts';
import { arnOf } from '../arn-of.ts';
import { firstOf, readMarker } from '../pages.ts';
import { readName } from '../parameters.ts';

export const describeServerlessCaches: Operation = {
  parameters: ['ServerlessCacheName', 'MaxResults', 'NextToken'],
  readOnly: true,
  resourceOf: arnOf('serverlesscache', 'ServerlessCacheName'),
  run(parameters, { caches: { serverless } }) {
    // Documented is the default alone.
    const most = readInteger(parameters, 'MaxResults', 1, 100, 50);
    if (parameters.has('ServerlessCacheName')) {
      return { ServerlessCaches: [serverless.get(readName(parameters, 'ServerlessCacheName'))] };
    }
    const after = readMarker(parameters, 'NextToken');
    const rest = serverless.all().filter(({ ServerlessCacheName }) => ServerlessCacheName > after);
    const { shown, next } = firstOf(rest, most, ({ ServerlessCacheName }) => ServerlessCacheName);
    return { NextToken: next, ServerlessCaches: shown };
  },
};
