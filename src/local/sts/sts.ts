import Builder from 'fast-xml-builder';
import type { Operation } from '../operation.ts';
import type { Service } from '../service.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

const builder = new Builder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/** Whose credentials these are: the account's own user, whom every good signature is of. */
const getCallerIdentity: Operation = {
  parameters: [],
  readOnly: true,
  run: (_parameters, { accountId }) => ({
    Arn: `arn:aws:iam::${accountId}:user/local`,
    // As in its CloudTrail records.
    UserId: 'AIDALOCALAWSLOCALAWS0',
    Account: accountId,
  }),
};

/** AWS STS, as far as it says whose credentials somebody has, over the AWS Query protocol. */
export const sts: Service = {
  name: 'sts',
  apiVersion: '2011-06-15',
  operations: new Map([['GetCallerIdentity', getCallerIdentity]]),
  inItsWords: (error) => error,
  toResponseXml: (action, result, requestId) =>
    builder.build({
      [`${action}Response`]: {
        '@xmlns': NAMESPACE,
        [`${action}Result`]: result,
        ResponseMetadata: { RequestId: requestId },
      },
    }),
  toErrorXml: ({ status, code, message }, requestId) =>
    builder.build({
      ErrorResponse: {
        '@xmlns': NAMESPACE,
        Error: { Type: status >= 500 ? 'Receiver' : 'Sender', Code: code, Message: message },
        RequestId: requestId,
      },
    }),
  toRequestParameters: () => null,
  toResponseElements: () => null,
  toRecordedCode: ({ code }) => code,
};
