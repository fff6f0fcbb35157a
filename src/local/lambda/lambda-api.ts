import { ApiError } from '../api-error.ts';
import type { Parameters } from '../parameters.ts';
import type { HttpRequest } from '../query-request.ts';
import type { Service } from '../service.ts';
import { operations } from './operations/index.ts';

const HEADERS = { 'content-type': 'application/json' };

/** Method and path of each operation, from the API Reference of AWS Lambda. The name of the function is the first group. */
const PATHS: readonly (readonly [action: string, method: string, path: RegExp])[] = [
  ['GetFunction', 'GET', /^\/2015-03-31\/functions\/([^/]+)$/],
  ['Invoke', 'POST', /^\/2015-03-31\/functions\/([^/]+)\/invocations$/],
  ['GetPolicy', 'GET', /^\/2015-03-31\/functions\/([^/]+)\/policy$/],
];

/** AWS Lambda, as far as one looks at a function and invokes it asynchronously, over the AWS REST JSON protocol. */
export const lambda: Service = {
  name: 'lambda',
  operations,
  readParameters,
  actionOf({ method, path }) {
    const [action] = PATHS.find(([, itsMethod, itsPath]) => itsMethod === method && itsPath.test(path)) ?? [];
    if (action !== undefined) return action;
    throw new ApiError('UnknownOperationException', 'There is no such operation here.', 404);
  },
  inItsWords,
  toAnswer: (action, result) =>
    action === 'Invoke'
      ? // Documented: of an asynchronous invocation it says no more than that the event was taken.
        { status: 202, body: '', headers: HEADERS }
      : { body: JSON.stringify(result ?? {}), headers: HEADERS },
  toErrorAnswer: ({ code, message, status }) => ({
    body: JSON.stringify({ Type: status >= 500 ? 'Service' : 'User', Message: message }),
    headers: { ...HEADERS, 'x-amzn-errortype': code },
  }),
  toRequestParameters: ({ parameters }) =>
    Object.fromEntries([...parameters].map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value])),
  toResponseElements: () => null,
  toRecordedCode: ({ code }) => code,
};

function readParameters({ path, headers, body }: HttpRequest): Parameters {
  const name = PATHS.flatMap(([, , itsPath]) => itsPath.exec(path)?.[1] ?? [])[0];
  const type = headers['x-amz-invocation-type'];
  return new Map([
    ...(name === undefined ? [] : [['FunctionName', decode(name)] as const]),
    ...(type === undefined ? [] : [['InvocationType', String(type)] as const]),
    ['Payload', body],
  ]);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new ApiError('InvalidParameterValueException', 'The path is no URI.', 400, { cause: error });
  }
}

/** How Lambda calls errors that any call can meet: the common errors of its API Reference. */
const WORDS: Readonly<Record<string, readonly [code: string, status: number]>> = {
  AccessDenied: ['AccessDeniedException', 403],
  ExpiredToken: ['ExpiredTokenException', 403],
  IncompleteSignature: ['IncompleteSignatureException', 403],
  InternalFailure: ['ServiceException', 500],
  InvalidClientTokenId: ['UnrecognizedClientException', 403],
  MissingAuthenticationToken: ['MissingAuthenticationTokenException', 403],
  RequestExpired: ['InvalidSignatureException', 403],
  RequestEntityTooLarge: ['RequestTooLargeException', 413],
  ServiceUnavailable: ['ServiceUnavailableException', 503],
  SignatureDoesNotMatch: ['InvalidSignatureException', 403],
  Throttling: ['TooManyRequestsException', 429],
};

function inItsWords(error: ApiError): ApiError {
  const words = Object.hasOwn(WORDS, error.code) ? WORDS[error.code] : undefined;
  return words === undefined ? error : new ApiError(words[0], error.message, words[1], { cause: error.cause });
}
