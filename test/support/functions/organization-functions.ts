import { createRequire } from 'node:module';
import { EC2Client } from '@aws-sdk/client-ec2';
import { CreateReplicationGroupCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import type { Context } from 'aws-lambda';
import { onTestFinished } from 'vitest';
import type { EndpointSettings } from '../../../src/local/api-endpoint.ts';
import { systemClock } from '../../../src/local/clock.ts';
import { deployMember, deployTemplate } from '../../../src/local/cloudformation/deploy.ts';
import type { Template } from '../../../src/local/cloudformation/template.ts';
import { startLocalAws } from '../../../src/local/local-aws.ts';
import type { ApiCall } from '../../../src/local/service.ts';
import { ACCOUNT, REGION } from '../examples/grants.ts';
import { authorize, createGroup, ingressOf, tcp } from '../local-aws/local-ec2.ts';
import { credentials } from '../local-aws/local-elasticache.ts';
import { OTHER_REGION } from '../local-aws/local-endpoint.ts';
import { ALLOWS_EVERYTHING, MEMBER, ORGANIZATION, OTHER_MEMBER, TRUSTS_EVERYONE } from '../local-aws/organization.ts';
import { allowlistFile } from './enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from './enforce-security-group-function.ts';
import { type Invoke, startFunction } from './lambda-function.ts';

const { NAMES, PATTERN, forwarding, memberTemplate } = createRequire(import.meta.url)('../../../stack/spoke.cjs') as {
  readonly NAMES: Readonly<Record<'readRole' | 'revokeRole' | 'findingsRole', string>>;
  readonly PATTERN: object;
  forwarding(bus: unknown): Template['Resources'];
  memberTemplate(scope: {
    organization: string;
    regions: readonly string[];
    enforces: boolean;
    imports: boolean;
  }): Template;
};

const BUS = 'ingress-guard-test';
const HUB_BUS = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${BUS}`;
const BUCKET = 'runs-of-the-hub';

/** What a hub has besides functions: its bus, which takes what accounts of the organization put there, and its own rule. */
const HUB: Template = {
  Resources: {
    MemberBus: { Type: 'AWS::Events::EventBus', Properties: { Name: BUS } },
    MemberBusPolicy: {
      Type: 'AWS::Events::EventBusPolicy',
      Properties: {
        EventBusName: { Ref: 'MemberBus' },
        StatementId: 'Members',
        Statement: {
          Effect: 'Allow',
          Principal: '*',
          Action: 'events:PutEvents',
          Resource: { 'Fn::GetAtt': ['MemberBus', 'Arn'] },
          Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-localaws01' } },
        },
      },
    },
    ...forwarding({ 'Fn::GetAtt': ['MemberBus', 'Arn'] }),
  },
};

const HANDLERS = {
  listTargets: () => import('../../../handlers/list-targets.ts'),
  judgeAccount: () => import('../../../handlers/judge-account.ts'),
  actAccount: () => import('../../../handlers/act-account.ts'),
  closeRun: () => import('../../../handlers/close-run.ts'),
  enforceIngress: () => import('../../../handlers/enforce-ingress.ts'),
  enforceSecurityGroup: () => import('../../../handlers/enforce-security-group.ts'),
};
type FunctionName = keyof typeof HANDLERS;
interface Handler {
  readonly handler: (event: unknown, context: Context) => Promise<unknown>;
}

/**
 * An organization of the hub, two members that have the stack's own template for members, and a management account that has not. The
 * functions of the hub run in this process, each with a role of its own.
 */
export async function startOrganizationFunctions(settings: Partial<EndpointSettings> = {}) {
  const regions = [REGION, OTHER_REGION];
  const aws = await startLocalAws(
    {
      port: 0,
      accountId: ACCOUNT,
      regions,
      transitionMs: 0,
      creatingMs: 0,
      credentials,
      organization: ORGANIZATION,
      ...settings,
    },
    systemClock(),
  );
  onTestFinished(() => aws.close());
  const calls: ApiCall[] = [];
  aws.events.on('call', (call) => calls.push(call));
  const { accounts } = aws;
  const scope = { organization: 'o-localaws01', regions: [OTHER_REGION], enforces: true, imports: true };
  const template = memberTemplate(scope);
  const parameters = { HubAccount: ACCOUNT, HomeRegion: REGION, HubBus: HUB_BUS };
  const stackSet = { stackSetName: BUS, template, parameters };
  deployTemplate(accounts, HUB, { stackName: 'hub', account: ACCOUNT, region: REGION });
  for (const account of [ACCOUNT, MEMBER, OTHER_MEMBER]) deployMember(accounts, stackSet, account, regions);
  const bucket = accounts.buckets.put(BUCKET, ACCOUNT);

  const functionEnvironment = async (name: string): Promise<Record<string, string>> => {
    const role = { name, path: '/ingress-guard/', trustPolicy: TRUSTS_EVERYONE, policies: [ALLOWS_EVERYTHING] };
    const session = aws.signInAs(accounts.home.roles.put(role));
    return {
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: session.accessKeyId,
      AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
      AWS_SESSION_TOKEN: session.sessionToken,
      AWS_SDK_UA_APP_ID: name,
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST),
      INGRESS_GUARD_MODE: 'enforce',
      INGRESS_GUARD_ORGANIZATION: 'o-localaws01',
      INGRESS_GUARD_ORGANIZATIONAL_UNITS: 'r-root',
      INGRESS_GUARD_EXCLUDED_ACCOUNTS: '',
      INGRESS_GUARD_REGIONS: regions.join(','),
      INGRESS_GUARD_READ_ROLE: NAMES.readRole,
      INGRESS_GUARD_REVOKE_ROLE: NAMES.revokeRole,
      INGRESS_GUARD_FINDINGS_ROLE: NAMES.findingsRole,
      INGRESS_GUARD_RUNS_BUCKET: BUCKET,
      INGRESS_GUARD_HUB_BUS: HUB_BUS,
      INGRESS_GUARD_SPOKE_PATTERN: JSON.stringify(PATTERN),
      INGRESS_GUARD_STACK_SET: BUS,
    };
  };

  /** A function after a cold start; invoked again, it is warm. */
  const start = async (
    name: FunctionName,
    changes: Readonly<Record<string, string>> = {},
  ): Promise<Invoke<unknown>> => {
    const environment = { ...(await functionEnvironment(name)), ...changes };
    return await startFunction(HANDLERS[name] as () => Promise<Handler>, environment);
  };
  const invoke = async (name: FunctionName, event: object, changes: Readonly<Record<string, string>> = {}) => {
    const started = await start(name, changes);
    return await started(event);
  };

  return {
    aws,
    calls,
    bucket,
    functionEnvironment,
    start,
    invoke,
    /** What the functions called, in order: `actAccount RevokeSecurityGroupIngress 222222222222`. */
    functionsCalls: () =>
      calls.flatMap(({ userAgent, action, principal }) => {
        const [, name] = /app\/(\w+)/.exec(userAgent) ?? [];
        return name === undefined ? [] : [`${name} ${action} ${principal.accountId}`];
      }),
    stored: (name: string): unknown => {
      const found = bucket.objects.get(name);
      return found && JSON.parse(found.body);
    },
    /** Puts a cache `sessions` into an account, behind a security group that lets these addresses in. */
    async openCache(account: string, cidr: string) {
      const as = { region: REGION, endpoint: aws.url, credentials: accounts.find(account)?.credentials ?? credentials };
      const [ec2, elastiCache] = [new EC2Client(as), new ElastiCacheClient(as)];
      onTestFinished(() => {
        ec2.destroy();
        elastiCache.destroy();
      });
      const groupId = await createGroup(ec2);
      const input = { ReplicationGroupId: 'sessions', ReplicationGroupDescription: 'Sessions', NumCacheClusters: 2 };
      await elastiCache.send(new CreateReplicationGroupCommand({ ...input, SecurityGroupIds: [groupId] }));
      const [rule] = await authorize(ec2, groupId, tcp(6379, { IpRanges: [{ CidrIp: cidr }] }));
      return { groupId, ruleId: rule?.SecurityGroupRuleId ?? '', ec2, rules: () => ingressOf(ec2, groupId) };
    },
    /** A whole run, as the state machine has it. What its functions throw, it catches as the state machine does. */
    async run(run: string, changes: Readonly<Record<string, string>> = {}) {
      const listed = await invoke('listTargets', { run, startedAt: new Date().toISOString() }, changes);
      const { accounts: named } = listed.result as { accounts: string[] };
      const judged = [];
      for (const account of named) {
        const { result, error } = await invoke('judgeAccount', { run, account, act: false }, changes);
        judged.push(result ?? { account, status: 'not judged', error: error?.name, due: 0 });
      }
      const settled = await invoke('closeRun', { run, accounts: named, judged, settle: true }, changes);
      const { toAct } = settled.result as { toAct: string[] };
      const acted = [];
      for (const account of toAct) {
        const { result, error } = await invoke('actAccount', { run, account, act: true }, changes);
        acted.push(result ?? { account, status: 'failed', error: error?.name });
      }
      const closed = await invoke('closeRun', { run, accounts: named, judged, acted, settle: false }, changes);
      return { named, judged, toAct, acted, closed };
    },
  };
}
