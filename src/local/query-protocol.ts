import { ApiError } from './api-error.ts';
import type { Operation } from './operation.ts';
import { type HttpRequest, readParameters } from './query-request.ts';
import type { RequestFormat, WireAnswer } from './service.ts';
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
