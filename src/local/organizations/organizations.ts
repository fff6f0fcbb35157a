import { jsonService } from '../json-protocol.ts';
import { operations } from './operations/index.ts';

/** AWS Organizations, as far as it says which accounts there are, over the AWS JSON protocol. */
export const organizations = jsonService({
  name: 'organizations',
  target: 'AWSOrganizationsV20161128',
  version: '1.1',
  // Documented: its one endpoint of the partition `aws`.
  homeRegion: 'us-east-1',
  operations,
  // Errors of its API Reference.
  codes: { InternalFailure: 'ServiceException', Throttling: 'TooManyRequestsException' },
});
