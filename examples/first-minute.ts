// The main job, on a local AWS: `npm start`. Every claim with a tick was checked by asking the local ElastiCache and EC2
// through the AWS SDK, or the dead-letter queue; it exits 0 only if each of them held.
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  ModifySecurityGroupRulesCommand,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import {
  AuthorizeCacheSecurityGroupIngressCommand,
  CreateCacheSecurityGroupCommand,
  CreateReplicationGroupCommand,
  DescribeCacheSecurityGroupsCommand,
  DescribeReplicationGroupsCommand,
  type EC2SecurityGroup,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import type { EventOutcome } from '../src/enforcement/event-outcome.ts';
import { systemClock } from '../src/local/clock.ts';
import type { BusEvent } from '../src/local/cloudtrail-record.ts';
import { startLocalAws } from '../src/local/local-aws.ts';
import { runStack } from '../src/local/run-stack.ts';
import { readStack, readStateMachines } from '../src/local/stack.ts';

const account = '123456789012';
const stranger = '999988887777';
const region = 'us-east-1';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
// What takes minutes takes seconds here: Lambda's tries of a failed event, and a cache that is being created.
const clock = systemClock(60);

const aws = await startLocalAws(
  { port: 0, accountId: account, regions: [region], transitionMs: 300, creatingMs: 10_000 },
  clock,
);
aws.deployStateMachines(await readStateMachines('serverless.yml', { account, region }));
const stack = runStack(aws, await readStack('serverless.yml'), {
  folder: '.',
  extension: '.ts',
  account,
  region,
  environment: {
    AWS_ENDPOINT_URL_EC2: aws.url,
    AWS_ENDPOINT_URL_ELASTICACHE: aws.url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    INGRESS_GUARD_ALLOWLIST: 'allowlist.yaml',
    INGRESS_GUARD_MODE: 'enforce',
  },
});
const elastiCache = new ElastiCacheClient({ region, endpoint: aws.url, credentials });
const ec2 = new EC2Client({ region, endpoint: aws.url, credentials });

// What Ingress Guard says of each event: the `decision` lines of its log.
const decisions: EventOutcome[] = [];
aws.events.on('output', ({ line }) => {
  if (line.includes('"message":"decision"')) decisions.push(JSON.parse(line));
});
let told = 0;
let calledAt = 0;
const events: BusEvent[] = [];
aws.events.on('event', (event) => events.push(event));

try {
  title('Ingress Guard on a local AWS');
  tell(
    `ElastiCache and EC2 are ${aws.url}, and nothing leaves this machine. Allowlist: allowlist.yaml. Mode: enforce.`,
  );

  title('VPC security groups: how caches are guarded today');

  title('1. A new cache behind a security group that is open to 0.0.0.0/0');
  const security = { GroupName: 'caches', Description: 'Guards the caches of the shop' };
  const { GroupId = '' } = await ec2.send(new CreateSecurityGroupCommand(security));
  await letIn(GroupId, '0.0.0.0/0');
  await aws.idle();
  tell(`CreateReplicationGroup sessions, behind ${GroupId}`);
  calledAt = Date.now();
  const replicationGroup = { ReplicationGroupId: 'sessions', ReplicationGroupDescription: 'Sessions of the shop' };
  await elastiCache.send(
    new CreateReplicationGroupCommand({ ...replicationGroup, NumCacheClusters: 2, SecurityGroupIds: [GroupId] }),
  );
  await expectOutcome('pending');
  tell('   it has no port yet: Step Functions waits two minutes and hands the event over again (here: seconds)');
  await expectOutcomeAfter('pending', 'revoked');
  await check('the cache is available, and nothing has access to it', async () => {
    return (await isAvailable('sessions')) && (await rules(GroupId)).length === 0;
  });

  title('2. A rule that allows access from the shop');
  const shop = await letIn(GroupId, '10.0.0.0/16');
  await expectOutcome('allowed');
  await check('EC2 lists it', async () => (await rangesOf(GroupId)).includes('10.0.0.0/16'));

  title('3. A rule that allows access from 0.0.0.0/0');
  await letIn(GroupId, '0.0.0.0/0');
  await expectOutcome('revoked');
  await check('EC2 does not list it any more, and the other one stands', async () => {
    return (await rangesOf(GroupId)).join() === '10.0.0.0/16';
  });

  title('4. The good rule, edited to a wider range');
  tell('ModifySecurityGroupRules 10.0.0.0/16 -> 10.0.0.0/8');
  calledAt = Date.now();
  const wider = { IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, CidrIpv4: '10.0.0.0/8' };
  const SecurityGroupRules = [{ SecurityGroupRuleId: shop, SecurityGroupRule: wider }];
  await ec2.send(new ModifySecurityGroupRulesCommand({ GroupId, SecurityGroupRules }));
  await expectOutcome('revoked');
  await check('it is gone, and not put back to what it was', async () => (await rules(GroupId)).length === 0);

  title('Cache security groups: EC2-Classic');

  title('5. A cache security group is created');
  const create = { CacheSecurityGroupName: 'sessions', Description: 'Sessions of the shop' };
  const { CacheSecurityGroup } = await elastiCache.send(new CreateCacheSecurityGroupCommand(create));
  tell(`${CacheSecurityGroup?.ARN}`);
  await check('it is there, and allows no access', async () => (await grants()).length === 0);

  title('6. A grant that a rule allows');
  await authorize('web', account);
  await expectOutcome('allowed');
  await check('ElastiCache lists it as authorized', async () => (await statusOf(account)) === 'authorized');

  title('7. A grant that no rule allows');
  await authorize('web', stranger);
  const event = events.at(-1) as BusEvent;
  await expectOutcome('revoked');
  await check('ElastiCache does not list it any more', async () => (await statusOf(stranger)) === undefined);
  await check('the allowed one still stands', async () => (await statusOf(account)) === 'authorized');

  title('8. The same event, delivered a second time');
  await aws.deliver(event);
  await expectOutcome('already-gone');
  await check('nothing else was touched', async () => (await grants()).length === 1);

  title('9. A malformed event: it does not say who gets access');
  const record = event.detail as Record<string, unknown>;
  const requestParameters = { cacheSecurityGroupName: 'sessions' };
  const delivered = aws.deliver({ ...event, detail: { ...record, requestParameters } });
  for (const wait of ['1 minute', '2 minutes', undefined]) {
    await expectOutcome('rejected', { explain: wait === '1 minute' });
    if (wait !== undefined) tell(`Lambda tries again in ${wait} (here: seconds)`);
  }
  await delivered;
  await check('after three tries it is in the dead-letter queue', async () => aws.deadLetters.length === 1);

  title('Summary');
  for (const { EC2SecurityGroupName, EC2SecurityGroupOwnerId, Status } of await grants()) {
    tell(`stands: sessions <- ${EC2SecurityGroupName} of ${EC2SecurityGroupOwnerId} (${Status})`);
  }
  tell(`dead-letter queue: ${aws.deadLetters.length} event waits for a person`);
  tell(`outcomes: ${[...new Set(decisions.map(({ outcome }) => outcome))].join(', ')}`);
  tell('The times are those of the local AWS. On AWS, CloudTrail delivers an event seconds to minutes after the call.');
  tell(
    'Next: `npx --no -- ingress-guard local --mode enforce` keeps such an AWS running for you to try; docs/how-to/deploy.md says how to deploy.',
  );
} finally {
  await stack.close();
  await aws.close();
  elastiCache.destroy();
  ec2.destroy();
}

/** Opens the cache's port to a range of addresses. */
async function letIn(GroupId: string, CidrIp: string): Promise<string> {
  tell(`AuthorizeSecurityGroupIngress tcp 6379 <- ${CidrIp}`);
  calledAt = Date.now();
  const permission = { IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, IpRanges: [{ CidrIp }] };
  const made = await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission] }));
  return made.SecurityGroupRules?.[0]?.SecurityGroupRuleId as string;
}

/** The rules of a security group that let somebody in. */
async function rules(groupId: string): Promise<SecurityGroupRule[]> {
  const describe = new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [groupId] }] });
  return ((await ec2.send(describe)).SecurityGroupRules ?? []).filter(({ IsEgress }) => !IsEgress);
}

async function rangesOf(groupId: string): Promise<(string | undefined)[]> {
  return (await rules(groupId)).map(({ CidrIpv4 }) => CidrIpv4);
}

/** Lets an EC2 security group in. */
async function authorize(ec2SecurityGroupName: string, ownerId: string): Promise<void> {
  tell(`AuthorizeCacheSecurityGroupIngress sessions <- ${ec2SecurityGroupName} of ${ownerId}`);
  calledAt = Date.now();
  await elastiCache.send(
    new AuthorizeCacheSecurityGroupIngressCommand({
      CacheSecurityGroupName: 'sessions',
      EC2SecurityGroupName: ec2SecurityGroupName,
      EC2SecurityGroupOwnerId: ownerId,
    }),
  );
}

async function grants(): Promise<EC2SecurityGroup[]> {
  const describe = new DescribeCacheSecurityGroupsCommand({ CacheSecurityGroupName: 'sessions' });
  return (await elastiCache.send(describe)).CacheSecurityGroups?.[0]?.EC2SecurityGroups ?? [];
}

async function statusOf(ownerId: string): Promise<string | undefined> {
  return (await grants()).find((grant) => grant.EC2SecurityGroupOwnerId === ownerId)?.Status;
}

/** Waits for the next decision, tells it, and makes sure that it is the expected one. */
async function expectOutcome(expected: EventOutcome['outcome'], { explain } = { explain: true }): Promise<void> {
  const next = told++;
  await waitUntil(
    async () => decisions.length > next,
    `Ingress Guard said nothing within a minute (expected: ${expected})`,
  );
  const { outcome, decision, problems } = decisions[next] as EventOutcome;
  // CloudTrail's times have no milliseconds, so the log's own `exposureMs` can be up to a second more than this.
  const after = outcome === 'revoked' ? `, ${Date.now() - calledAt} ms after the call` : '';
  tell(styleText(outcome === 'allowed' ? 'green' : 'yellow', `-> ${outcome}`) + after);
  if (decision?.effect === 'allow') tell(`   rule \`${decision.rule}\` allows it`);
  if (decision?.effect === 'deny') for (const { text } of decision.reasons) tell(`   ${text}`);
  if (explain) for (const problem of problems ?? []) tell(`   ${problem}`);
  if (outcome !== expected) throw new Error(`the outcome is ${outcome}, and should be ${expected}`);
}
/** The same, after as many decisions of the other outcome as come before. */
async function expectOutcomeAfter(before: EventOutcome['outcome'], expected: EventOutcome['outcome']): Promise<void> {
  for (;;) {
    await waitUntil(async () => decisions.length > told, `Ingress Guard said nothing within a minute`);
    if (decisions[told]?.outcome !== before) return await expectOutcome(expected);
    told++;
  }
}

async function isAvailable(ReplicationGroupId: string): Promise<boolean> {
  const { ReplicationGroups } = await elastiCache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId }));
  return ReplicationGroups?.[0]?.Status === 'available';
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
