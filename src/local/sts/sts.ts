import Builder from 'fast-xml-builder';
import { queryFormat, xmlAnswer } from '../query-protocol.ts';
import type { Service } from '../service.ts';
import { operations } from './operations/index.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const API_VERSION = '2011-06-15';

const builder = new Builder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/** AWS STS, as far as it says whose credentials someone has and lends those of a role, over the AWS Query protocol. */
export const sts: Service = {
  name: 'sts',
  apiVersion: API_VERSION,
  operations,
  ...queryFormat(API_VERSION, operations),
  inItsWords: (error) => error,
  toAnswer: (action, result, requestId) =>
    xmlAnswer(
      builder.build({
        [`${action}Response`]: {
          '@xmlns': NAMESPACE,
          [`${action}Result`]: result,
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
  // As in the samples of "Logging IAM and AWS STS API calls with AWS CloudTrail": the secret is not among them.
  toRequestParameters: ({ parameters }) =>
    parameters.size === 0
      ? null
      : Object.fromEntries(
          [...parameters].map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]),
        ),
  toResponseElements: ({ result = {} }) => {
    const { Credentials, AssumedRoleUser } = result as Record<string, Record<string, string> | undefined>;
    if (Credentials === undefined || AssumedRoleUser === undefined) return null;
    const { AccessKeyId: accessKeyId, SessionToken: sessionToken, Expiration: expiration } = Credentials;
    const { AssumedRoleId: assumedRoleId, Arn: arn } = AssumedRoleUser;
    return { credentials: { accessKeyId, sessionToken, expiration }, assumedRoleUser: { assumedRoleId, arn } };
  },
  toRecordedCode: ({ code }) => code,
};
