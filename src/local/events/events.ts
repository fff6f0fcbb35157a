import { jsonService } from '../json-protocol.ts';
import { operations } from './operations/index.ts';

/** Amazon EventBridge, as far as one puts events and looks at a rule, over the AWS JSON protocol. */
export const eventBridge = jsonService({
  name: 'events',
  target: 'AWSEvents',
  version: '1.1',
  operations,
  codes: { InternalFailure: 'InternalException' },
});
