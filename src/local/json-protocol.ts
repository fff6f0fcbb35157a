import { ApiError } from './api-error.ts';
import type { Operation } from './operation.ts';
import { invalid, type Parameters } from './parameters.ts';
import type { HttpRequest } from './query-request.ts';
import type { RequestFormat, Service } from './service.ts';
import { shown } from './shown.ts';

interface JsonService {
  readonly name: string;
  /** What the header X-Amz-Target begins with. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
  readonly operations: ReadonlyMap<string, Operation>;
  readonly homeRegion?: string;
  /** What errors of the service itself are called in full: `com.amazonaws.sqs#`. Nothing if not given. */
  readonly namespace?: string;
  /** How the service calls errors that others call as in `CODES`. */
  readonly codes?: Readonly<Record<string, string>>;
}

/**
 * A service of AWS's JSON protocol: the operation is in the header X-Amz-Target, its parameters and its answer are JSON.
 * Parameters that are no text are kept as JSON. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export function jsonService({
  name,
  target,
  version,
  operations,
  homeRegion,
  namespace = '',
  codes,
}: JsonService): Service {
  const headers = { 'content-type': `application/x-amz-json-${version}` };
  return {
    name,
    target,
    operations,
    ...(homeRegion !== undefined && { homeRegion }),
    ...jsonFormat(target, operations),
    inItsWords: (error) => inItsWords(error, { ...CODES, ...codes }),
    toAnswer: (_action, result) => ({ body: JSON.stringify(result ?? {}), headers }),
    toErrorAnswer: ({ code, message, members }) => ({
      body: JSON.stringify({ __type: `${namespace}${code}`, message, ...members }),
      headers: { ...headers, 'x-amzn-errortype': code },
    }),
    toRequestParameters: ({ parameters }) => toMembers(parameters),
    toResponseElements: ({ result }) => result ?? null,
    toRecordedCode: ({ code }) => code,
  };
}

function jsonFormat(target: string, operations: ReadonlyMap<string, Operation>): RequestFormat {
  return {
    readParameters({ body }) {
      const members = parse(body);
      const written = Object.entries(members).filter(([, value]) => value !== null);
      return new Map(written.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]));
    },
    actionOf({ headers }) {
      const { service, action } = readTarget(headers);
      if (service !== target || !operations.has(action)) {
        throw new ApiError('UnknownOperationException', `There is no operation ${shown(action)} here.`, 400);
      }
      return action;
    },
  };
}

/**
 * What the header X-Amz-Target names. Some clients write the service with its namespace: botocore's is
 * `com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents`.
 */
export function readTarget(headers: HttpRequest['headers']): { readonly service: string; readonly action: string } {
  const [action = '', service = ''] = String(headers['x-amz-target'] ?? '')
    .split('.')
    .reverse();
  return { service, action };
}

function parse(body: string): object {
  let value: unknown;
  try {
    value = JSON.parse(body === '' ? '{}' : body);
  } catch (error) {
    throw new ApiError('SerializationException', 'The body is no JSON.', 400, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ApiError('SerializationException', 'The body is no JSON object.');
  }
  return value;
}

/** The parameters as they were before they were texts. */
function toMembers(parameters: Parameters): object | null {
  const members = Object.fromEntries([...parameters].map(([name, value]) => [name, readJson(value) ?? value]));
  return parameters.size > 0 ? members : null;
}

function readJson(text: string): unknown {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A parameter that is a list of texts. @throws {ApiError} InvalidParameterValue if it is another thing. */
export function readTexts(parameters: Parameters, name: string): string[] {
  const value = parameters.has(name) ? readJson(parameters.get(name) as string) : [];
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) {
    throw invalid(name, parameters.get(name) as string, 'it must be a list of texts');
  }
  return value;
}

/** A parameter that is a list of objects. @throws {ApiError} InvalidParameterValue if it is another thing. */
export function readObjects(parameters: Parameters, name: string): Record<string, unknown>[] {
  const value = parameters.has(name) ? readJson(parameters.get(name) as string) : [];
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'object' && one !== null)) {
    throw invalid(name, parameters.get(name) as string, 'it must be a list of objects');
  }
  return value;
}

/** How services of the JSON protocol call what others call otherwise: the common errors of their API references. */
const CODES: Readonly<Record<string, string>> = {
  AccessDenied: 'AccessDeniedException',
  ExpiredToken: 'ExpiredTokenException',
  IncompleteSignature: 'IncompleteSignatureException',
  InternalFailure: 'InternalServerError',
  InvalidClientTokenId: 'UnrecognizedClientException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  RequestExpired: 'InvalidSignatureException',
  ServiceUnavailable: 'ServiceUnavailableException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
  Throttling: 'ThrottlingException',
  MissingParameter: 'ValidationException',
  InvalidParameterValue: 'ValidationException',
};

function inItsWords(error: ApiError, codes: Readonly<Record<string, string>>): ApiError {
  const code = Object.hasOwn(codes, error.code) ? codes[error.code] : undefined;
  if (code === undefined) return error;
  // Documented for all but AWS's own: 400.
  return new ApiError(code, error.message, error.status >= 500 ? error.status : 400, { cause: error.cause });
}
