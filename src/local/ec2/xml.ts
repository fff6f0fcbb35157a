import Builder from 'fast-xml-builder';
import type { ApiError } from '../api-error.ts';

export const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

const builder = new Builder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/** The body of a successful answer: the members are named as on the wire, and each of a list's is an `item`. */
export function toResponseXml(action: string, result: object | undefined, requestId: string): string {
  const members = toElements(result ?? {}) as object;
  return DECLARATION + builder.build({ [`${action}Response`]: { '@xmlns': NAMESPACE, requestId, ...members } });
}

/** The body of an error. https://docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html */
export function toErrorXml(error: ApiError, requestId: string): string {
  const { code: Code, message: Message } = error;
  return DECLARATION + builder.build({ Response: { Errors: { Error: { Code, Message } }, RequestID: requestId } });
}

function toElements(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > 0 ? { item: value.map(toElements) } : '';
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, toElements(member)]));
}
