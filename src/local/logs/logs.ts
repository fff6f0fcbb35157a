import { jsonService } from '../json-protocol.ts';
import { operations } from './operations/index.ts';

/** Amazon CloudWatch Logs, as far as one looks for lines, over the AWS JSON protocol. */
export const logs = jsonService({
  name: 'logs',
  target: 'Logs_20140328',
  version: '1.1',
  operations,
  // Errors of its API Reference.
  codes: { MissingParameter: 'InvalidParameterException', InvalidParameterValue: 'InvalidParameterException' },
});
