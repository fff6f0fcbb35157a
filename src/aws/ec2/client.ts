import { EC2Client, type EC2ClientConfig } from '@aws-sdk/client-ec2';
import { type AroundEachTry, prepareClient, RETRYING } from '../clients.ts';

/**
 * A client of EC2 that calls as `RETRYING` says. EC2's own word for throttling, RequestLimitExceeded, is among the codes that
 * the SDK retries as throttling (`@smithy/core`, retry).
 */
export function ec2Client(config: EC2ClientConfig, aroundEachTry?: AroundEachTry): EC2Client {
  return prepareClient(new EC2Client({ ...RETRYING, ...config }), ANSWERED_WITH, aroundEachTry);
}

const ANSWERED_WITH = {
  AuthorizeSecurityGroupIngress: 'Return',
  DescribeManagedPrefixLists: 'PrefixLists',
  DescribeNetworkInterfaces: 'NetworkInterfaces',
  DescribeRegions: 'Regions',
  DescribeSecurityGroupRules: 'SecurityGroupRules',
  DescribeSecurityGroups: 'SecurityGroups',
  DescribeVpcEndpoints: 'VpcEndpoints',
  GetManagedPrefixListEntries: 'Entries',
  RevokeSecurityGroupIngress: 'Return',
};
