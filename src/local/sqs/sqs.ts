import { jsonService } from '../json-protocol.ts';
import { operations } from './operations/index.ts';

/** Amazon SQS, as far as one looks at a queue and takes messages out of it, over the AWS JSON protocol. */
export const sqs = jsonService({
  name: 'sqs',
  target: 'AmazonSQS',
  version: '1.0',
  namespace: 'com.amazonaws.sqs#',
  operations,
  // An error of its API Reference.
  codes: { Throttling: 'RequestThrottled' },
});
