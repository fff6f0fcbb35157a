import { EC2Client } from '@aws-sdk/client-ec2';
import { CreateReplicationGroupCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/local/clock.ts';
import { deployHub } from '../../../src/local/hub.ts';
import { startLocalAws } from '../../../src/local/local-aws.ts';
import type { OrganizationSettings } from '../../../src/local/organizations/organization.ts';
import type { HubSettings } from '../../../src/local/read-hub.ts';
import type { ApiCall } from '../../../src/local/service.ts';
import { ACCOUNT, REGION } from '../examples/grants.ts';
import { allowlistFile } from '../functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../functions/enforce-security-group-function.ts';
import { authorize, createGroup, ingressOf, tcp } from './local-ec2.ts';
import { credentials } from './local-elasticache.ts';
import { OTHER_REGION } from './local-endpoint.ts';

/** The hub of an organization as the stack deploys it, with its functions, each in environments and with a role of its own. */
export async function startHub(
  organization: OrganizationSettings,
  settings: Partial<HubSettings> = {},
  { withoutSpoke = [], speed = 1 }: { readonly withoutSpoke?: readonly string[]; readonly speed?: number } = {},
) {
  const regions = [REGION, OTHER_REGION];
  const aws = await startLocalAws(
    { port: 0, accountId: ACCOUNT, regions, transitionMs: 0, creatingMs: 0, credentials, organization },
    systemClock(speed),
  );
  onTestFinished(() => aws.close());
  const calls: ApiCall[] = [];
  aws.events.on('call', (call) => calls.push(call));
  const output: string[] = [];
  aws.events.on('output', ({ functionName, line }) => output.push(`${functionName}: ${line}`));
  const hub = await deployHub(
    aws,
    {
      mode: 'enforce',
      allowlist: await allowlistFile(VPC_ALLOWLIST),
      organization: 'o-localaws01',
      organizationalUnits: 'r-root',
      regions: regions.join(),
      ...settings,
    },
    { folder: '.', account: ACCOUNT, region: REGION, withoutSpoke },
  );
  onTestFinished(() => hub.close());

  return {
    aws,
    hub,
    output,
    /** What the functions called, in order. */
    functionsCalls: () =>
      calls.flatMap(({ userAgent, action, principal, region }) => {
        const [, name] = /app\/(\w+)/.exec(userAgent) ?? [];
        return name === undefined ? [] : [{ name, action, account: principal.accountId, region }];
      }),
    /** What a run stored. */
    stored: (run: string, name: string): unknown => {
      const found = aws.accounts.buckets.find(hub.bucketName)?.objects.get(`runs/${run}/${name}`);
      return found && JSON.parse(found.body);
    },
    /** Audits, as the schedule does it, and ends when the execution has. */
    audit: async (run: string): Promise<unknown> => await aws.startExecution(hub.audit, run, {}).output,
    /** Puts a cache into an account, behind a security group that lets these addresses in, while its rules are disabled. */
    async openUnseen(account: string, cidr: string) {
      const its = aws.accounts.find(account);
      if (its === undefined) throw new Error(`there is no account ${account}`);
      const own = its.credentials ?? credentials;
      const as = { region: REGION, endpoint: aws.url, credentials: own };
      const [ec2, elastiCache] = [new EC2Client(as), new ElastiCacheClient(as)];
      onTestFinished(() => {
        ec2.destroy();
        elastiCache.destroy();
      });
      its.faults = { ruleDisabled: true };
      const groupId = await createGroup(ec2);
      await authorize(ec2, groupId, tcp(6379, { IpRanges: [{ CidrIp: cidr }] }));
      const input = { ReplicationGroupId: 'sessions', ReplicationGroupDescription: 'Sessions', NumCacheClusters: 2 };
      await elastiCache.send(new CreateReplicationGroupCommand({ ...input, SecurityGroupIds: [groupId] }));
      await aws.idle();
      its.faults = {};
      return {
        letIn: (cidrOfAll: string) => authorize(ec2, groupId, tcp(6379, { IpRanges: [{ CidrIp: cidrOfAll }] })),
        sources: async () => (await ingressOf(ec2, groupId)).map(({ CidrIpv4 }) => CidrIpv4),
      };
    },
  };
}
