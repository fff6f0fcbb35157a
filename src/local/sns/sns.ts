import { queryService } from '../query-protocol.ts';
import { operations } from './operations/index.ts';

/** Amazon SNS, as far as one looks at who gets the messages of a topic, over the AWS Query protocol. */
export const sns = queryService({
  name: 'sns',
  namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
  apiVersion: '2010-03-31',
  operations,
});
