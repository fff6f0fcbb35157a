import { createRequire } from 'node:module';
import { deployMember, deployTemplate } from '../local/cloudformation/deploy.ts';
import type { Template } from '../local/cloudformation/template.ts';
import type { LocalAws } from '../local/local-aws.ts';
import type { OrganizationSettings } from '../local/organizations/organization.ts';
import { packageRoot } from '../local/package-root.ts';

/** stack/spoke.cjs: what a member gets. */
interface Spoke {
  readonly HUB_PATH: string;
  readonly NAMES: { readonly readRole: string; readonly revokeRole: string };
  readonly PATTERN: { readonly source: readonly string[] };
  memberTemplate(scope: {
    readonly organization: string;
    readonly regions: readonly string[];
    readonly enforces: boolean;
  }): Template;
  forwarding(bus: unknown): Template['Resources'];
}

export const ORGANIZATION_ID = 'o-localaws01';
const MANAGEMENT = '100000000000';
const FIRST_MEMBER = 200_000_000_001;
export const UNIT = 'ou-root-workloads';
const BUS = 'ingress-guard-local';
const STACK_SET = 'ingress-guard-local';

/** An organization of a hub, a management account, and so many members in one organizational unit. */
export function localOrganization(hub: string, members: number): OrganizationSettings {
  return {
    id: ORGANIZATION_ID,
    managementAccountId: MANAGEMENT,
    delegatedAdministratorIds: [hub],
    organizationalUnits: [{ id: UNIT, name: 'Workloads' }],
    accounts: [
      { accountId: hub, name: 'hub' },
      ...Array.from({ length: members }, (_, i) => ({
        accountId: String(FIRST_MEMBER + i),
        name: `member-${i + 1}`,
        parentId: UNIT,
      })),
    ],
  };
}

/** What the hub's functions run with, in addition to what functions of one account have. */
export interface Hub {
  readonly eventBusName: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Deploys the hub's event bus, and to every account but the management account what the stack's own template says: the rule that sends its events to the hub,
 * and the roles that the hub's functions assume.
 */
export function deployOrganization(
  aws: LocalAws,
  place: { readonly account: string; readonly region: string },
  { regions, enforces }: { readonly regions: readonly string[]; readonly enforces: boolean },
): Hub {
  const { HUB_PATH, NAMES, PATTERN, memberTemplate, forwarding } = readSpoke();
  const { account, region } = place;
  const { accounts } = aws;
  const hubBus = `arn:aws:events:${region}:${account}:event-bus/${BUS}`;
  deployTemplate(accounts, hubTemplate(PATTERN.source, forwarding(hubBus)), { stackName: 'ingress-guard', ...place });
  const spokes = {
    stackSetName: STACK_SET,
    template: memberTemplate({ organization: ORGANIZATION_ID, regions, enforces }),
    parameters: { HubAccount: account, HomeRegion: region, HubBus: hubBus },
  };
  // Documented: a StackSet reaches every account but the management account.
  const members = accounts.list().filter(({ id }) => id !== MANAGEMENT);
  for (const { id } of members) deployMember(accounts, spokes, id, regions);
  const role = accounts.home.roles.put({ name: 'functions', path: HUB_PATH, trustPolicy: TRUSTS_LAMBDA });
  const { accessKeyId, secretAccessKey, sessionToken } = aws.signInAs(role);
  return {
    eventBusName: BUS,
    environment: {
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      INGRESS_GUARD_ORGANIZATION: ORGANIZATION_ID,
      INGRESS_GUARD_READ_ROLE: NAMES.readRole,
      INGRESS_GUARD_REVOKE_ROLE: enforces ? NAMES.revokeRole : '',
    },
  };
}

const TRUSTS_LAMBDA = {
  Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
};

/** The bus that members put events on, with a policy as the stack's, and the hub's own rule. */
function hubTemplate(sources: readonly string[], forwarding: Template['Resources']): Template {
  const Statement = {
    Effect: 'Allow',
    Principal: '*',
    Action: 'events:PutEvents',
    Resource: { 'Fn::GetAtt': ['MemberBus', 'Arn'] },
    Condition: {
      StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION_ID },
      'ForAllValues:StringEquals': { 'events:source': sources },
    },
  };
  return {
    Resources: {
      MemberBus: { Type: 'AWS::Events::EventBus', Properties: { Name: BUS } },
      MemberBusPolicy: { Type: 'AWS::Events::EventBusPolicy', Properties: { EventBusName: BUS, Statement } },
      ...forwarding,
    },
  };
}

/** The file is CommonJS, as the Serverless Framework wants it. */
function readSpoke(): Spoke {
  return createRequire(packageRoot())('./stack/spoke.cjs') as Spoke;
}

/** A line for each account: its id, its key, and what it is. */
export function describeAccounts({ accounts }: LocalAws): string {
  const { organization } = accounts;
  return accounts
    .list()
    .map(({ id, credentials }) => {
      const name = organization?.members.get(id)?.name ?? '';
      return `  ${id}  ${credentials?.accessKeyId ?? ''}  ${credentials?.secretAccessKey ?? ''}  ${name}`;
    })
    .join('\n');
}
