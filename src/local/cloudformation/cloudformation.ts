import Builder from 'fast-xml-builder';
import { queryFormat, xmlAnswer } from '../query-protocol.ts';
import type { Service } from '../service.ts';
import { operations } from './operations/index.ts';

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';
const API_VERSION = '2010-05-15';

const builder = new Builder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/** AWS CloudFormation, as far as one looks at stacks, over the AWS Query protocol. */
export const cloudFormation: Service = {
  name: 'cloudformation',
  apiVersion: API_VERSION,
  operations,
  ...queryFormat(API_VERSION, operations),
  inItsWords: (error) => error,
  toAnswer: (action, result, requestId) =>
    xmlAnswer(
      builder.build({
        [`${action}Response`]: {
          '@xmlns': NAMESPACE,
          [`${action}Result`]: toElements(result ?? {}),
          ResponseMetadata: { RequestId: requestId },
        },
      }),
    ),
  toErrorAnswer: ({ status, code, message }, requestId) =>
    xmlAnswer(
      builder.build({
        ErrorResponse: {
          '@xmlns': NAMESPACE,
          Error: { Type: status >= 500 ? 'Receiver' : 'Sender', Code: code, Message: message },
          RequestId: requestId,
        },
      }),
    ),
  toRequestParameters: ({ parameters }) =>
    Object.fromEntries([...parameters].map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value])),
  toResponseElements: () => null,
  toRecordedCode: ({ code }) => code,
};

function toElements(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > 0 ? { member: value.map(toElements) } : '';
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, toElements(member)]));
}
