import { jsonService } from '../json-protocol.ts';
import { operations } from './operations/index.ts';

/** Amazon CloudWatch, as far as one looks at metrics, over the AWS JSON protocol. */
export const cloudWatch = jsonService({
  name: 'monitoring',
  target: 'GraniteServiceVersion20100801',
  version: '1.0',
  operations,
});
