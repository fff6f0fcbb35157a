import { queryService } from '../query-protocol.ts';
import { operations } from './operations/index.ts';

/** AWS IAM, as far as one asks what a role may do, over the AWS Query protocol. It has one endpoint for all regions. */
export const iam = queryService({
  name: 'iam',
  namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  apiVersion: '2010-05-08',
  operations,
  homeRegion: 'us-east-1',
});
