import { ApiError } from '../api-error.ts';
import { denied } from '../iam/permission.ts';
import type { CallContext } from '../operation.ts';
import type { Parameters } from '../parameters.ts';
import type { Bucket } from './buckets.ts';

/**
 * The bucket that a call names.
 *
 * @throws {ApiError} NoSuchBucket; AccessDenied if it is another account's, since no bucket has a policy here.
 */
export function readBucket(parameters: Parameters, { accounts, caller }: CallContext, action: string): Bucket {
  const bucket = accounts.buckets.find(parameters.get('Bucket') ?? '');
  if (bucket === undefined) throw new ApiError('NoSuchBucket', 'The specified bucket does not exist', 404);
  if (bucket.accountId !== caller.accountId) {
    const why = `because no resource-based policy allows the ${action} action`;
    throw denied(caller, { action, resource: arnOf(parameters) }, why);
  }
  return bucket;
}

/** The ARN of the bucket, or of the object, that a call names. */
export function arnOf(parameters: Parameters): string {
  const key = parameters.get('Key');
  return `arn:aws:s3:::${parameters.get('Bucket') ?? ''}${key === undefined ? '' : `/${key}`}`;
}
