import { queryService } from '../query-protocol.ts';
import { operations } from './operations/index.ts';

/** AWS CloudFormation, as far as one looks at stacks, over the AWS Query protocol. */
export const cloudFormation = queryService({
  name: 'cloudformation',
  namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
  apiVersion: '2010-05-15',
  operations,
});
