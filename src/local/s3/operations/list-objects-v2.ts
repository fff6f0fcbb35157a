import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';
import { readInteger } from '../../parameters.ts';
import { arnOf, readBucket } from '../read-bucket.ts';

/** Documented: a thousand keys a page at most, in the order of their bytes. */
const MOST = 1000;

export const listObjectsV2: Operation = {
  parameters: ['Bucket', 'prefix', 'max-keys', 'start-after', 'continuation-token'],
  readOnly: true,
  isDataEvent: true,
  permission: 's3:ListBucket',
  resourceOf: arnOf,
  run(parameters, _region, context) {
    const { name, objects } = readBucket(parameters, context, 's3:ListBucket');
    const prefix = parameters.get('prefix') ?? '';
    const most = Math.min(readInteger(parameters, 'max-keys', 1, 999_999, MOST), MOST);
    const token = parameters.get('continuation-token');
    const after = token === undefined ? (parameters.get('start-after') ?? '') : readToken(token);
    const found = [...objects].filter(([key]) => key.startsWith(prefix) && compare(key, after) > 0);
    found.sort(([a], [b]) => compare(a, b));
    const page = found.slice(0, most);
    const [last] = page.at(-1) ?? [];
    const isTruncated = found.length > page.length;
    return {
      Name: name,
      Prefix: prefix,
      KeyCount: page.length,
      MaxKeys: most,
      IsTruncated: isTruncated,
      ...(isTruncated && last !== undefined && { NextContinuationToken: Buffer.from(last).toString('base64') }),
      Contents: page.map(([key, { etag, lastModified, body }]) => ({
        Key: key,
        LastModified: new Date(lastModified).toISOString(),
        ETag: etag,
        Size: Buffer.byteLength(body),
        StorageClass: 'STANDARD',
      })),
    };
  },
};

function readToken(token: string): string {
  const key = Buffer.from(token, 'base64').toString('utf8');
  if (Buffer.from(key).toString('base64') === token) return key;
  throw new ApiError('InvalidArgument', 'The continuation token provided is incorrect');
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
