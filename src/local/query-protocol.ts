import Builder from 'fast-xml-builder';
import { ApiError } from './api-error.ts';
import type { Operation } from './operation.ts';
import type { Parameters } from './parameters.ts';
import { type HttpRequest, readParameters } from './query-request.ts';
import type { RequestFormat, Service, WireAnswer } from './service.ts';
import { shown } from './shown.ts';

/** AWS's Query protocol: the operation is the parameter `Action`, and a call names the version of the API. */
export function queryFormat(apiVersion: string, operations: ReadonlyMap<string, Operation>): RequestFormat {
  return {
    readParameters(request) {
      checkTarget(request);
      return readParameters(request);
    },
    actionOf(_request, parameters) {
      const action = parameters.get('Action');
      if (!action) throw new ApiError('MissingAction', 'The request must contain the parameter Action.');
      const version = parameters.get('Version') ?? 'NO_VERSION_SPECIFIED';
      if (!operations.has(action) || version !== apiVersion) {
        throw new ApiError('InvalidAction', `Could not find operation ${shown(action)} for version ${shown(version)}`);
      }
      return action;
    },
  };
}

function checkTarget({ path, method }: HttpRequest): void {
  if (path !== '/') throw new ApiError('InvalidAction', `There is nothing at ${shown(path)}: calls go to /.`, 404);
  if (method !== 'POST' && method !== 'GET') {
    throw new ApiError('InvalidAction', `The method ${method} is not known: use POST or GET.`, 405);
  }
}

/** An answer in XML. */
export function xmlAnswer(body: string): WireAnswer {
  return { body, headers: { 'content-type': 'text/xml' } };
}

const builder = new Builder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/**
 * A service of the AWS Query protocol whose answers are the members of a result, each list in elements `member`.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export function queryService({
  name,
  namespace,
  apiVersion,
  operations,
  homeRegion,
}: Pick<Service, 'name' | 'operations' | 'homeRegion'> & {
  readonly namespace: string;
  readonly apiVersion: string;
}): Service {
  return {
    name,
    apiVersion,
    operations,
    ...(homeRegion !== undefined && { homeRegion }),
    ...queryFormat(apiVersion, operations),
    inItsWords: (error) => error,
    toAnswer: (action, result, requestId) =>
      xmlAnswer(
        builder.build({
          [`${action}Response`]: {
            '@xmlns': namespace,
            [`${action}Result`]: toElements(result ?? {}),
            ResponseMetadata: { RequestId: requestId },
          },
        }),
      ),
    toErrorAnswer: ({ status, code, message }, requestId) =>
      xmlAnswer(
        builder.build({
          ErrorResponse: {
            '@xmlns': namespace,
            Error: { Type: status >= 500 ? 'Receiver' : 'Sender', Code: code, Message: message },
            RequestId: requestId,
          },
        }),
      ),
    toRequestParameters: ({ parameters }) =>
      Object.fromEntries([...parameters].map(([key, value]) => [key.charAt(0).toLowerCase() + key.slice(1), value])),
    toResponseElements: () => null,
    toRecordedCode: ({ code }) => code,
  };
}

function toElements(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > 0 ? { member: value.map(toElements) } : '';
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key, toElements(member)]));
}

/** A parameter that is a list of texts: `ActionNames.member.1`, `.2`, …. */
export function readMembers(parameters: Parameters, name: string): string[] {
  const texts: string[] = [];
  for (let number = 1; ; number++) {
    const text = parameters.get(`${name}.member.${number}`);
    if (text === undefined) return texts;
    texts.push(text);
  }
}
