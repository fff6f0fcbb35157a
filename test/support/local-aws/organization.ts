import { EC2Client } from '@aws-sdk/client-ec2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { onTestFinished } from 'vitest';
import type { EndpointSettings } from '../../../src/local/api-endpoint.ts';
import type { OrganizationSettings } from '../../../src/local/organizations/organization.ts';
import { ACCOUNT, REGION } from '../examples/grants.ts';
import { type StartedAws, startAws } from './local-aws.ts';
import { credentials as hubCredentials } from './local-elasticache.ts';

/** The hub is `ACCOUNT`, a delegated administrator. */
export const MANAGEMENT = '100000000001';
export const MEMBER = '222222222222';
export const OTHER_MEMBER = '333333333333';
/** An account of no organization. */
export const OUTSIDER = '999999999999';

export const ORGANIZATION: OrganizationSettings = {
  id: 'o-localaws01',
  managementAccountId: MANAGEMENT,
  delegatedAdministratorIds: [ACCOUNT],
  organizationalUnits: [
    { id: 'ou-root-workloads', name: 'Workloads' },
    { id: 'ou-root-production', name: 'Production', parentId: 'ou-root-workloads' },
  ],
  accounts: [
    { accountId: ACCOUNT, name: 'hub' },
    { accountId: MEMBER, name: 'shop', parentId: 'ou-root-production' },
    { accountId: OTHER_MEMBER, name: 'blog', parentId: 'ou-root-workloads' },
  ],
  strangerIds: [OUTSIDER],
};

/** A client's settings. */
interface Client {
  readonly region: string;
  readonly endpoint: string;
  readonly maxAttempts: number;
  readonly systemClockOffset: number;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

export interface StartedOrganization extends StartedAws {
  /** What a client needs to call as somebody: an account's own user, or a session. It tries once and not again. */
  as(who: string | Client['credentials'], region?: string): Client;
  /** Assumes a role as somebody, and gives what to call with. */
  assume(
    who: string | Client['credentials'],
    input: Partial<AssumeRoleCommandInput> & Pick<AssumeRoleCommandInput, 'RoleArn'>,
  ): Promise<Required<Client['credentials']>>;
}

/** A local AWS with an organization, on a clock that only `clock.advance` moves. */
export async function startOrganization(
  organization: Partial<OrganizationSettings> = {},
  settings: Partial<EndpointSettings> = {},
): Promise<StartedOrganization> {
  const started = await startAws({ organization: { ...ORGANIZATION, ...organization }, ...settings });
  const { aws, clock } = started;
  const as: StartedOrganization['as'] = (who, region = REGION) => {
    const own = typeof who === 'string' ? (aws.accounts.find(who)?.credentials ?? hubCredentials) : who;
    // The SDK's clock is the machine's.
    const systemClockOffset = clock.now() - Date.now();
    return { region, endpoint: aws.url, maxAttempts: 1, credentials: own, systemClockOffset };
  };
  const assume: StartedOrganization['assume'] = async (who, input) => {
    const sts = kept(new STSClient(as(who)));
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleSessionName: 'test', ...input }));
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  };
  return { ...started, clock, as, assume };
}

/** A client for one test. */
export function kept<Made extends { destroy(): void }>(client: Made): Made {
  onTestFinished(() => client.destroy());
  return client;
}

export function ec2As(started: StartedOrganization, who: Parameters<StartedOrganization['as']>[0], region = REGION) {
  return kept(new EC2Client(started.as(who, region)));
}

export function elastiCacheAs(started: StartedOrganization, who: Parameters<StartedOrganization['as']>[0]) {
  return kept(new ElastiCacheClient(started.as(who)));
}

/** The trust of the member roles: the functions of the hub, if both are of one organization. */
export function hubTrust(organizationId = 'o-localaws01'): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'aws:PrincipalOrgID': organizationId },
          ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:role/ingress-guard/*` },
        },
      },
    ],
  };
}

export const TRUSTS_EVERYONE = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
};

export const ALLOWS_EVERYTHING = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

/** Gives a function of the hub the role it runs with, and its credentials. */
export function hubFunction({ aws }: StartedOrganization, name = 'judgeAccount', path = '/ingress-guard/') {
  return aws.signInAs(
    aws.accounts.home.roles.put({ name, path, trustPolicy: TRUSTS_EVERYONE, policies: [ALLOWS_EVERYTHING] }),
  );
}
