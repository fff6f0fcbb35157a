import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  type IpPermission,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import { onTestFinished } from 'vitest';
import type { Region } from '../../../src/local/region.ts';
import { REGION, STRANGER } from '../examples/grants.ts';
import { credentials } from './local-elasticache.ts';

/** The JavaScript SDK's client, that tries once and not again, for one test. */
export function ec2ClientFor(url: string, region: string = REGION): EC2Client {
  const client = new EC2Client({ region, endpoint: url, credentials, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

/** Makes a security group, and gives its id. */
export async function createGroup(ec2: EC2Client, GroupName = 'caches', VpcId?: string): Promise<string> {
  const input = { GroupName, Description: 'Of the shop', ...(VpcId !== undefined && { VpcId }) };
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand(input));
  return GroupId as string;
}

/** Puts a prefix list there that another account shares, since a rule can only name one that is there. */
export function sharePrefixList(region: Region | undefined, prefixListId: string, cidr = '198.51.100.0/24'): void {
  region?.prefixLists.share({
    prefixListId,
    prefixListName: 'offices',
    ownerId: STRANGER,
    addressFamily: 'IPv4',
    maxEntries: 1,
    entries: [{ cidr }],
  });
}

/** A permission for one TCP port. */
export function tcp(port: number, sources: Omit<IpPermission, 'IpProtocol' | 'FromPort' | 'ToPort'>): IpPermission {
  return { IpProtocol: 'tcp', FromPort: port, ToPort: port, ...sources };
}

/** Lets these in, and gives the rules that were made. */
export async function authorize(
  ec2: EC2Client,
  GroupId: string,
  ...IpPermissions: readonly IpPermission[]
): Promise<SecurityGroupRule[]> {
  const command = new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [...IpPermissions] });
  return (await ec2.send(command)).SecurityGroupRules ?? [];
}

/** The rules of a group that let something in, as Describe shows them. */
export async function ingressOf(ec2: EC2Client, groupId: string): Promise<SecurityGroupRule[]> {
  const Filters = [{ Name: 'group-id', Values: [groupId] }];
  const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
  return SecurityGroupRules.filter(({ IsEgress }) => !IsEgress);
}
