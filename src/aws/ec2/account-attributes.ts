import { DescribeAccountAttributesCommand, EC2Client, GetManagedResourceVisibilityCommand } from '@aws-sdk/client-ec2';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';

/**
 * Whether an account has EC2-Classic in a region, with DescribeAccountAttributes: where it has not, there are no cache security groups.
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function hasEc2Classic(config: ClientConfig): Promise<boolean> {
  const client = prepareClient(new EC2Client({ ...RETRYING, ...config }), {
    DescribeAccountAttributes: 'AccountAttributes',
  });
  try {
    const { AccountAttributes = [] } = await client.send(
      new DescribeAccountAttributesCommand({ AttributeNames: ['supported-platforms'] }),
    );
    const platforms = AccountAttributes.find(({ AttributeName }) => AttributeName === 'supported-platforms');
    if (platforms?.AttributeValues === undefined) throw new Error('EC2 said nothing of the platforms of the account');
    return platforms.AttributeValues.some(({ AttributeValue }) => AttributeValue === 'EC2');
  } finally {
    client.destroy();
  }
}

/**
 * Whether Describe calls of an account leave out what services of AWS manage, with GetManagedResourceVisibility.
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function hidesManagedResources(config: ClientConfig): Promise<boolean> {
  const client = prepareClient(new EC2Client({ ...RETRYING, ...config }), {
    GetManagedResourceVisibility: 'Visibility',
  });
  try {
    const { Visibility } = await client.send(new GetManagedResourceVisibilityCommand({}));
    if (Visibility?.DefaultVisibility === undefined) throw new Error('EC2 said nothing of managed resources');
    return Visibility.DefaultVisibility === 'hidden';
  } finally {
    client.destroy();
  }
}
