import { jsonService } from '../json-protocol.ts';
import { operations } from './operations/index.ts';

/** AWS CloudTrail, as far as one looks at trails and at the event history, over the AWS JSON protocol. */
export const cloudTrail = jsonService({
  name: 'cloudtrail',
  target: 'CloudTrail_20131101',
  version: '1.1',
  operations,
});
