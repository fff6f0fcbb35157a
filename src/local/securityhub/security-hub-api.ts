import { ApiError } from '../api-error.ts';
import type { Parameters } from '../parameters.ts';
import type { HttpRequest } from '../query-request.ts';
import type { Service } from '../service.ts';
import { operations } from './operations/index.ts';

const HEADERS = { 'content-type': 'application/json' };

/** Method and path of each operation, from the API Reference of AWS Security Hub. */
const PATHS: readonly (readonly [action: string, method: string, path: string])[] = [
  ['BatchImportFindings', 'POST', '/findings/import'],
  ['EnableSecurityHub', 'POST', '/accounts'],
  ['GetFindings', 'POST', '/findings'],
];

/** AWS Security Hub (CSPM), as far as one imports findings and lists them, over the AWS REST JSON protocol. */
export const securityHub: Service = {
  name: 'securityhub',
  operations,
  readParameters,
  actionOf({ method, path }) {
    const [action] = PATHS.find(([, itsMethod, itsPath]) => itsMethod === method && itsPath === path) ?? [];
    if (action !== undefined) return action;
    throw new ApiError('UnknownOperationException', 'There is no such operation here.', 404);
  },
  inItsWords,
  toAnswer: (_action, result) => ({ body: JSON.stringify(result ?? {}), headers: HEADERS }),
  toErrorAnswer: ({ code, message }) => ({
    body: JSON.stringify({ Code: code, Message: message }),
    headers: { ...HEADERS, 'x-amzn-errortype': code },
  }),
  toRequestParameters: () => null,
  toResponseElements: () => null,
  toRecordedCode: ({ code }) => code,
};

/** The members of the body, each as JSON. */
function readParameters({ body }: HttpRequest): Parameters {
  let members: unknown;
  try {
    members = JSON.parse(body === '' ? '{}' : body);
  } catch (error) {
    throw new ApiError('InvalidInputException', 'The body is no JSON.', 400, { cause: error });
  }
  if (typeof members !== 'object' || members === null || Array.isArray(members)) {
    throw new ApiError('InvalidInputException', 'The body is no JSON object.');
  }
  return new Map(Object.entries(members).map(([name, value]) => [name, JSON.stringify(value)]));
}

/** How Security Hub calls errors that any call can meet: the errors of its API Reference. */
const WORDS: Readonly<Record<string, readonly [code: string, status: number]>> = {
  AccessDenied: ['AccessDeniedException', 403],
  ExpiredToken: ['ExpiredTokenException', 403],
  IncompleteSignature: ['IncompleteSignatureException', 403],
  InternalFailure: ['InternalException', 500],
  InvalidClientTokenId: ['UnrecognizedClientException', 403],
  MissingAuthenticationToken: ['MissingAuthenticationTokenException', 403],
  RequestExpired: ['InvalidSignatureException', 403],
  RequestEntityTooLarge: ['InvalidInputException', 413],
  ServiceUnavailable: ['ServiceUnavailableException', 503],
  SignatureDoesNotMatch: ['InvalidSignatureException', 403],
  Throttling: ['TooManyRequestsException', 429],
};

function inItsWords(error: ApiError): ApiError {
  const words = Object.hasOwn(WORDS, error.code) ? WORDS[error.code] : undefined;
  return words === undefined ? error : new ApiError(words[0], error.message, words[1], { cause: error.cause });
}
