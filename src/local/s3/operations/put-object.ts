import { createHash } from 'node:crypto';
import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';
import { arnOf, readBucket } from '../read-bucket.ts';

/** Puts an object, or puts it anew. Documented: with `If-None-Match: *` only if it is not there yet. */
export const putObject: Operation = {
  parameters: ['Bucket', 'Key'],
  readOnly: false,
  isDataEvent: true,
  resourceOf: arnOf,
  run(parameters, _region, context) {
    const { objects } = readBucket(parameters, context, 's3:PutObject');
    const key = parameters.get('Key') as string;
    if (parameters.get('IfNoneMatch') === '*' && objects.has(key)) {
      const message = 'At least one of the pre-conditions you specified did not hold';
      throw new ApiError('PreconditionFailed', message, 412);
    }
    const body = parameters.get('Body') ?? '';
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    const contentType = parameters.get('ContentType') ?? 'binary/octet-stream';
    objects.set(key, { body, contentType, etag, lastModified: context.now });
    return { headers: { etag } };
  },
};
