import { ApiError } from '../api-error.ts';

interface Words {
  readonly code: string;
  readonly status: number;
  readonly message?: (message: string) => string;
}

/** Seen in public reports. Why it is so, EC2 does not say; it is said here in brackets. */
const NOT_VALIDATED: Words = {
  code: 'AuthFailure',
  status: 401,
  message: (why) => `AWS was not able to validate the provided access credentials (${why})`,
};

/** How EC2 calls what other services call otherwise. https://docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html */
const WORDS: Readonly<Record<string, Words>> = {
  Throttling: { code: 'RequestLimitExceeded', status: 503, message: () => 'Request limit exceeded.' },
  InternalFailure: { code: 'InternalError', status: 500 },
  ServiceUnavailable: { code: 'Unavailable', status: 503 },
  AccessDenied: {
    code: 'UnauthorizedOperation',
    status: 403,
    message: (who) => `You are not authorized to perform this operation. ${who}`,
  },
  InvalidClientTokenId: NOT_VALIDATED,
  SignatureDoesNotMatch: NOT_VALIDATED,
  // Seen in public reports.
  ExpiredToken: { code: 'RequestExpired', status: 400, message: () => 'Request has expired.' },
};

/** An error that any call can meet, as EC2 answers it; others as they are. */
export function inItsWords(error: ApiError): ApiError {
  const words = Object.hasOwn(WORDS, error.code) ? WORDS[error.code] : undefined;
  if (words === undefined) return error;
  const { code, status, message = (text: string) => text } = words;
  return new ApiError(code, message(error.message), status, { cause: error.cause });
}
