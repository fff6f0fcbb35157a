// What bench/audit.ts measures, in a process of its own: `audit` is the command `ingress-guard audit` from its first to its
// last step; `bare` makes the same API calls with the SDK and does nothing with them. Tells its parent how long it took, in
// milliseconds, and the most memory it had, in kilobytes, as the operating system counts it.
import {
  DescribeCacheSecurityGroupsCommand,
  ElastiCacheClient,
  RevokeCacheSecurityGroupIngressCommand,
} from '@aws-sdk/client-elasticache';
import pMap from 'p-map';
import { run } from '../src/cli/run.ts';
import { type BenchGrant, STRANGER } from './audited-grants.ts';

/** What one run came to. */
export interface Measured {
  readonly milliseconds: number;
  readonly peakKilobytes: number;
  readonly exitCode: number;
}

/** As many as the audit revokes at once. */
const AT_ONCE = 4;

async function makeBareCalls(): Promise<number> {
  const client = new ElastiCacheClient({});
  const denied: BenchGrant[] = [];
  let Marker: string | undefined;
  do {
    const page = await client.send(
      new DescribeCacheSecurityGroupsCommand({ MaxRecords: 100, ...(Marker !== undefined && { Marker }) }),
    );
    for (const { CacheSecurityGroupName = '', EC2SecurityGroups = [] } of page.CacheSecurityGroups ?? []) {
      for (const { EC2SecurityGroupName = '', EC2SecurityGroupOwnerId = '' } of EC2SecurityGroups) {
        if (EC2SecurityGroupOwnerId !== STRANGER) continue;
        denied.push({ CacheSecurityGroupName, EC2SecurityGroupName, EC2SecurityGroupOwnerId });
      }
    }
    Marker = page.Marker;
  } while (Marker !== undefined);
  await pMap(denied, (grant) => client.send(new RevokeCacheSecurityGroupIngressCommand(grant)), {
    concurrency: AT_ONCE,
  });
  return 2;
}

const [what, ...options] = process.argv.slice(2);
const { stdin, stdout, stderr, env } = process;
const io = { stdin, stdout, stderr, environment: env, interrupted: new AbortController().signal };
const started = performance.now();
const exitCode = what === 'bare' ? await makeBareCalls() : await run(['audit', ...options], io);
const milliseconds = performance.now() - started;
process.on('exit', () =>
  process.send?.({ milliseconds, peakKilobytes: process.resourceUsage().maxRSS, exitCode } satisfies Measured),
);
