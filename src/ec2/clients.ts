import { EC2Client, type EC2ClientConfig } from '@aws-sdk/client-ec2';
import { type AroundEachTry, clientsByRegion, RETRYING } from '../aws/clients.ts';

export type Ec2ForRegion = (region: string) => EC2Client;

/**
 * EC2 clients, made once per region. See `clientsByRegion`. EC2's own word for throttling, RequestLimitExceeded, is among the
 * codes that the SDK retries as throttling (`@smithy/core`, retry).
 */
export function ec2Clients(
  config: EC2ClientConfig = {},
  aroundEachTry?: (region: string) => AroundEachTry,
): Ec2ForRegion {
  return clientsByRegion((region) => new EC2Client({ region, ...RETRYING, ...config }), aroundEachTry);
}
