import Builder from 'fast-xml-builder';
import { ApiError } from '../api-error.ts';
import type { Parameters } from '../parameters.ts';
import { xmlAnswer } from '../query-protocol.ts';
import type { HttpRequest } from '../query-request.ts';
import type { Service, WireAnswer } from '../service.ts';
import { operations } from './operations/index.ts';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

const builder = new Builder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/**
 * Amazon S3, as far as one puts texts, gets them and lists them. A bucket is the first part of the path, as clients write it for an
 * endpoint that is an address. CloudTrail has none of it: these are data events.
 */
export const s3: Service = {
  name: 's3',
  operations,
  readParameters,
  actionOf,
  inItsWords,
  toAnswer: (action, result = {}) => toAnswer(action, result),
  toErrorAnswer: ({ code, message }, requestId) =>
    xmlAnswer(builder.build({ Error: { Code: code, Message: message, RequestId: requestId } })),
  toRequestParameters: () => null,
  toResponseElements: () => null,
  toRecordedCode: ({ code }) => code,
};

function toAnswer(action: string, result: { readonly body?: string; readonly headers?: object }): WireAnswer {
  if (action === 'ListObjectsV2') {
    return xmlAnswer(builder.build({ ListBucketResult: { '@xmlns': NAMESPACE, ...result } }));
  }
  const { body = '', headers = {} } = result;
  return { body, headers: { ...headers } };
}

function readParameters({ path, query, headers, body }: HttpRequest): Parameters {
  const [, bucket = '', ...key] = path.split('/');
  const written: [string, string | undefined][] = [
    ...new URLSearchParams(query),
    ['Bucket', decode(bucket)],
    ['Key', key.join('/') === '' ? undefined : decode(key.join('/'))],
    ['ContentType', headers['content-type']],
    ['IfMatch', headers['if-match']],
    ['IfNoneMatch', headers['if-none-match']],
    ['Body', body],
  ];
  return new Map(written.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new ApiError('InvalidURI', "Couldn't parse the specified URI.", 400, { cause: error });
  }
}

function actionOf({ method }: HttpRequest, parameters: Parameters): string {
  const isObject = parameters.has('Key');
  if (isObject && method === 'PUT') return 'PutObject';
  if (isObject && method === 'GET') return 'GetObject';
  if (!isObject && method === 'GET' && parameters.get('list-type') === '2') return 'ListObjectsV2';
  const message = 'A header or query you provided implies functionality that is not implemented here.';
  throw new ApiError('NotImplemented', message, 501);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const WORDS: Readonly<Record<string, readonly [code: string, status: number]>> = {
  ExpiredToken: ['ExpiredToken', 400],
  InternalFailure: ['InternalError', 500],
  InvalidClientTokenId: ['InvalidAccessKeyId', 403],
  RequestExpired: ['RequestTimeTooSkewed', 403],
  Throttling: ['SlowDown', 503],
};

function inItsWords(error: ApiError): ApiError {
  const words = Object.hasOwn(WORDS, error.code) ? WORDS[error.code] : undefined;
  return words === undefined ? error : new ApiError(words[0], error.message, words[1], { cause: error.cause });
}
