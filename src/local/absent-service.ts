import { ApiError } from './api-error.ts';
import { xmlAnswer } from './query-protocol.ts';
import type { HttpRequest } from './query-request.ts';
import type { Service, WireAnswer } from './service.ts';

/** Services of the REST protocol whose answers are XML. All others of that protocol answer in JSON. */
const REST_XML = ['cloudfront', 'route53'];

/**
 * A service that is not here. It refuses every call with a sentence that says what is here, in the form in which the SDK of that service
 * reads errors: JSON where the call names a target, XML where it is a form (https://smithy.io/2.0/aws/protocols/), else JSON over REST.
 *
 * @param present the names of the services that are here.
 */
export function absentService(name: string, present: readonly string[], request: HttpRequest): Service {
  const toErrorAnswer = errorFormOf(name, request);
  return {
    name,
    operations: new Map(),
    readParameters: () => new Map(),
    actionOf() {
      const message = `The local AWS has no ${name}: it has parts of ${present.join(', ')}, and docs/reference/local-aws.md says which.`;
      throw new ApiError('UnknownOperationException', message);
    },
    inItsWords: (error) => error,
    toAnswer: () => ({ body: '', headers: {} }),
    toErrorAnswer,
    toRequestParameters: () => null,
    toResponseElements: () => null,
    toRecordedCode: ({ code }) => code,
  };
}

type ToErrorAnswer = Service['toErrorAnswer'];

function errorFormOf(name: string, { headers }: HttpRequest): ToErrorAnswer {
  const type = String(headers['content-type'] ?? '');
  if (headers['x-amz-target'] !== undefined) return toJson(type.startsWith('application/x-amz-json') ? type : JSON_1_1);
  if (type.startsWith('application/x-www-form-urlencoded') || REST_XML.includes(name)) return toXml;
  return toJson('application/json');
}

const JSON_1_1 = 'application/x-amz-json-1.1';

function toJson(type: string): ToErrorAnswer {
  return ({ code, message }): WireAnswer => ({
    body: JSON.stringify({ __type: code, message }),
    headers: { 'content-type': type, 'x-amzn-errortype': code },
  });
}

const toXml: ToErrorAnswer = ({ code, message }, requestId) =>
  xmlAnswer(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error>` +
      `<RequestId>${requestId}</RequestId></ErrorResponse>`,
  );

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
}
