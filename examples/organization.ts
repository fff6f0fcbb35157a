// An organization on a local AWS: `npm run start:organization`. A hub guards the accounts of its organization, as the stack deploys it:
// functions, roles, state machine and what the StackSet gives to members. Every claim with a tick was checked by asking the local AWS as the
// account's owner, or by reading the report; it exits 0 only if each of them held.
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreateReplicationGroupCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import type { EventOutcome } from '../src/enforcement/event-outcome.ts';
import { deployHub } from '../src/local/hub.ts';
import { startLocalAws } from '../src/local/local-aws.ts';
import { describeNotJudged } from '../src/policy/target.ts';
import type { AuditReport } from '../src/report/audit-report.ts';

const [hubAccount, shop, archive, sandbox] = ['123456789012', '200000000001', '200000000002', '200000000003'] as const;
const [home, other] = ['us-east-1', 'eu-west-1'] as const;
const run = '2026-11-29T01';

const aws = await startLocalAws({
  port: 0,
  accountId: hubAccount,
  regions: [home, other],
  transitionMs: 300,
  creatingMs: 0,
  organization: {
    id: 'o-localaws01',
    managementAccountId: '100000000000',
    delegatedAdministratorIds: [hubAccount],
    organizationalUnits: [{ id: 'ou-root-workloads', name: 'Workloads' }],
    accounts: [
      { accountId: hubAccount, name: 'hub' },
      ...[
        { accountId: shop, name: 'shop' },
        { accountId: archive, name: 'archive' },
        { accountId: sandbox, name: 'sandbox' },
      ].map((one) => ({ ...one, parentId: 'ou-root-workloads' })),
    ],
  },
});
const hub = await deployHub(
  aws,
  {
    mode: 'enforce',
    allowlist: 'allowlist.yaml',
    organization: 'o-localaws01',
    organizationalUnits: 'ou-root-workloads',
    regions: `${home},${other}`,
  },
  { folder: '.', account: hubAccount, region: home, withoutSpoke: [sandbox] },
);
const clients: { destroy(): void }[] = [];

// What Ingress Guard says of each event: the `decision` lines of its log.
const decisions: EventOutcome[] = [];
aws.events.on('output', ({ functionName, line }) => {
  const isOfEvent = functionName.startsWith('enforce') && line.includes('"message":"decision"');
  if (isOfEvent) decisions.push(JSON.parse(line));
});

try {
  title('Ingress Guard for an organization, on a local AWS');
  tell(`AWS is ${aws.url}, and nothing leaves this machine. Allowlist: allowlist.yaml. Mode: enforce.`);
  tell(`The hub is account ${hubAccount}. It guards three accounts in ${home} and ${other}:`);
  tell(`shop (${shop}), archive (${archive}), and sandbox (${sandbox}), which the StackSet did not reach.`);

  title('1. Someone in the account shop opens a cache to 0.0.0.0/0');
  const sessions = await cacheIn(shop, home);
  const calledAt = Date.now();
  await sessions.letIn('0.0.0.0/0');
  await waitUntil(async () => decisions.some(({ outcome }) => outcome === 'revoked'), 'the hub revoked nothing');
  const revoked = decisions.find(({ outcome }) => outcome === 'revoked');
  tell(`${styleText('yellow', '-> revoked')}, ${Date.now() - calledAt} ms after the call`);
  if (revoked?.decision?.effect === 'deny') for (const { text } of revoked.decision.reasons) tell(`   ${text}`);
  await check(
    'the event was of the account shop, and the hub handled it',
    async () => revoked?.grant?.account === shop,
  );
  await check(
    'EC2 in the account shop does not list the rule any more',
    async () => (await sessions.sources()).length === 0,
  );

  title(`2. The same in the account archive, in ${other}, where someone disabled the EventBridge rule`);
  const archived = aws.accounts.find(archive);
  if (archived !== undefined) archived.faults = { ruleDisabled: true };
  const standing = await cacheIn(archive, other);
  await standing.letIn('0.0.0.0/0');
  await aws.idle();
  await check('no event came, so the rule stands', async () => (await standing.sources()).join() === '0.0.0.0/0');

  title('3. The audit of the hour');
  tell('list the accounts -> evaluate all of them -> settle the limits -> revoke -> report');
  await aws.startExecution(hub.audit, run, {}).output;
  const stored = aws.accounts.buckets.find(hub.bucketName)?.objects.get(`runs/${run}/report.json`);
  if (stored === undefined) throw new Error('the audit stored no report');
  const { complete, targets = [], findings } = JSON.parse(stored.body) as AuditReport;
  for (const target of targets) {
    const why = target.status === 'not-judged' ? `: ${describeNotJudged(target.why)}` : '';
    const events =
      'events' in target && target.events?.status === 'not-watched' ? ` (events: ${target.events.why})` : '';
    tell(`${(target.name ?? '').padEnd(8)} ${target.region.padEnd(10)} ${target.status}${why}${events}`);
  }
  await check(`it found and revoked the rule in the account archive, in ${other}`, async () => {
    const found = findings.find(({ grant }) => grant.account === archive && grant.region === other);
    return found?.outcome === 'revoked' && (await standing.sources()).length === 0;
  });
  await check('it names the disabled EventBridge rule of the account archive', async () => {
    const its = targets.filter(({ account }) => account === archive);
    return its.every(
      (one) => 'events' in one && one.events?.status === 'not-watched' && one.events.why === 'rule-disabled',
    );
  });
  await check('it names the account sandbox, whose role is missing, as not evaluated', async () => {
    const its = targets.filter(({ account }) => account === sandbox);
    return its.length === 2 && its.every((one) => one.status === 'not-judged' && one.why === 'member-role-missing');
  });
  await check('so it does not call itself complete', async () => !complete);

  title('Summary');
  tell('Two rules revoked: one by its event, one by the audit. One account not evaluated, and named.');
  tell('The time is that of the local AWS. On AWS, CloudTrail delivers an event seconds to minutes after the call.');
  tell(
    'Next: `npx --no -- ingress-guard local --organization --accounts 3 --mode enforce` keeps such an organization running for',
  );
  tell('you to try; docs/how-to/organization.md says how to deploy.');
} finally {
  await hub.close();
  await aws.close();
  for (const client of clients) client.destroy();
}

/** Makes a cache, behind a security group of its own that lets nobody in. */
async function cacheIn(account: string, region: string) {
  const credentials = aws.accounts.find(account)?.credentials;
  if (credentials === undefined) throw new Error(`account ${account} has no key`);
  const settings = { region, endpoint: aws.url, credentials };
  const [ec2, elastiCache] = [new EC2Client(settings), new ElastiCacheClient(settings)];
  clients.push(ec2, elastiCache);
  const security = { GroupName: 'caches', Description: 'Guards the caches' };
  const { GroupId = '' } = await ec2.send(new CreateSecurityGroupCommand(security));
  const cache = { ReplicationGroupId: 'sessions', ReplicationGroupDescription: 'Sessions', NumCacheClusters: 2 };
  await elastiCache.send(new CreateReplicationGroupCommand({ ...cache, SecurityGroupIds: [GroupId] }));
  await aws.idle();
  return {
    async letIn(CidrIp: string): Promise<void> {
      tell(`AuthorizeSecurityGroupIngress tcp 6379 <- ${CidrIp}, in account ${account}, ${region}`);
      const permission = { IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, IpRanges: [{ CidrIp }] };
      await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission] }));
    },
    async sources(): Promise<(string | undefined)[]> {
      const describe = new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId] }] });
      const { SecurityGroupRules = [] } = await ec2.send(describe);
      return SecurityGroupRules.filter(({ IsEgress }) => !IsEgress).map(({ CidrIpv4 }) => CidrIpv4);
    },
  };
}

async function check(claim: string, holds: () => Promise<boolean>): Promise<void> {
  await waitUntil(holds, `not so: ${claim}`);
  tell(styleText('green', `✓ ${claim}`));
}

async function waitUntil(holds: () => Promise<boolean>, otherwise: string): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error(otherwise);
}

function title(text: string): void {
  console.log(styleText('bold', `\n${text}`));
}

function tell(text: string): void {
  console.log(`   ${text}`);
}
