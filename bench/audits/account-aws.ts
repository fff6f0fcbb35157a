// The local AWS with one account for bench/audit.ts and bench/report.ts, in a process of its own so that its work is not counted
// as the audit's: `node bench/audits/account-aws.ts CACHES OPEN`. Each cache has a security group with 20 rules, of the 60 that
// AWS's quota allows. Of so many groups, OPEN in a hundred have a rule for everyone. Sends its URL. Then it answers the message
// 'calls' with the calls it got since the last one; a number says how late, in milliseconds, it answers calls from then on.
import { AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateCacheClusterCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import pMap from 'p-map';
import { startApiEndpoint } from '../../src/local/api-endpoint.ts';
import { systemClock } from '../../src/local/clock.ts';
import { drawFaults, NO_FAULTS } from '../../src/local/faults.ts';
import { ACCOUNT, REGION, RULES_OF_A_GROUP, teamOf } from './account.ts';

const [caches, open] = process.argv.slice(2).map(Number) as [number, number];
const calls: Record<string, number> = {};
const slow = { ...NO_FAULTS, slow: 1, slowMs: 0 };
const { url } = await startApiEndpoint(
  { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: 0, creatingMs: 0, faults: drawFaults(slow) },
  systemClock(),
  ({ action }) => {
    calls[action] = (calls[action] ?? 0) + 1;
  },
);

const client = { region: REGION, endpoint: url, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const [ec2, elastiCache] = [new EC2Client(client), new ElastiCacheClient(client)];

async function createCache(number: number): Promise<void> {
  const team = teamOf(number);
  const name = { GroupName: `cache-${number}`, Description: `of team ${team}` };
  const { GroupId = '' } = await ec2.send(new CreateSecurityGroupCommand(name));
  const ranges = Array.from({ length: RULES_OF_A_GROUP }, (_, rule) => ({ CidrIp: `10.${team}.${rule}.0/24` }));
  if (number % 100 < open) ranges[0] = { CidrIp: '0.0.0.0/0' };
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, IpRanges: ranges }];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  await elastiCache.send(
    new CreateCacheClusterCommand({
      CacheClusterId: `team-${team}-${number}`,
      Engine: 'valkey',
      CacheNodeType: 'cache.t4g.micro',
      NumCacheNodes: 1,
      SecurityGroupIds: [GroupId],
    }),
  );
}

await pMap(
  Array.from({ length: caches }, (_, number) => number),
  createCache,
  { concurrency: 8 },
);
ec2.destroy();
elastiCache.destroy();
for (const action of Object.keys(calls)) delete calls[action];

process.on('message', (message) => {
  if (typeof message === 'number') {
    slow.slowMs = message;
    return;
  }
  process.send?.({ ...calls });
  for (const action of Object.keys(calls)) delete calls[action];
});
process.on('disconnect', () => process.exit());
process.send?.(url);
