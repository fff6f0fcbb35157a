import { createHash } from 'node:crypto';
import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';
import { arnOf, readBucket } from '../read-bucket.ts';

/**
 * Puts an object, or puts it again. Documented: with `If-None-Match: *` only if it is not there yet, with `If-Match` only if it has this
 * ETag.
 */
export const putObject: Operation = {
  parameters: ['Bucket', 'Key'],
  readOnly: false,
  isDataEvent: true,
  resourceOf: arnOf,
  run(parameters, _region, context) {
    const { objects } = readBucket(parameters, context, 's3:PutObject');
    const key = parameters.get('Key') as string;
    const there = objects.get(key);
    const ifMatch = parameters.get('IfMatch');
    if (ifMatch !== undefined && there === undefined) {
      throw new ApiError('NoSuchKey', 'The specified key does not exist.', 404);
    }
    const isOther = ifMatch !== undefined && there?.etag !== ifMatch;
    if (isOther || (parameters.get('IfNoneMatch') === '*' && there !== undefined)) {
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
