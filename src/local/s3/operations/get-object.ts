import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';
import { arnOf, readBucket } from '../read-bucket.ts';

/** Gets an object. A caller who may not list the bucket gets the answer that one is missing all the same: AWS answers AccessDenied. */
export const getObject: Operation = {
  parameters: ['Bucket', 'Key'],
  readOnly: true,
  isDataEvent: true,
  resourceOf: arnOf,
  run(parameters, _region, context) {
    const object = readBucket(parameters, context, 's3:GetObject').objects.get(parameters.get('Key') as string);
    if (object === undefined) throw new ApiError('NoSuchKey', 'The specified key does not exist.', 404);
    const { body, contentType, etag, lastModified } = object;
    return {
      body,
      headers: { etag, 'content-type': contentType, 'last-modified': new Date(lastModified).toUTCString() },
    };
  },
};
