import { queryFormat, xmlAnswer } from '../query-protocol.ts';
import type { Service } from '../service.ts';
import { toNamedResponseElements, toResponseElements } from './cloudtrail.ts';
import type { Ec2Operation } from './ec2-operation.ts';
import { inItsWords } from './errors.ts';
import { operations } from './operations/index.ts';
import { toErrorXml, toResponseXml } from './xml.ts';

const API_VERSION = '2016-11-15';

/** Amazon EC2, as far as VPC security groups and what is in them go, over the EC2 Query protocol. */
export const ec2: Service = {
  name: 'ec2',
  apiVersion: API_VERSION,
  operations,
  ...queryFormat(API_VERSION, operations),
  inItsWords,
  toAnswer: (...answer) => xmlAnswer(toResponseXml(...answer)),
  toErrorAnswer: (...answer) => xmlAnswer(toErrorXml(...answer)),
  toRequestParameters: ({ action, parameters }) =>
    (operations.get(action) as Ec2Operation).toRequestParameters(parameters),
  toResponseElements: (call) =>
    operations.get(call.action)?.isRecordedByName ? toNamedResponseElements(call) : toResponseElements(call),
  // [seen] for the caller's errors; that AWS's own have `Server` is documented for the old SOAP interface.
  toRecordedCode: ({ code, status }) => `${status >= 500 ? 'Server' : 'Client'}.${code}`,
};
