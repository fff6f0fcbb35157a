// What bench/organization.ts measures, in a process of its own: `audit` is the command from its first to its last step; `bare` makes
// the same calls, as many at once, with clients of the SDK that retry as ours, and does nothing with the answers.
import { DescribeRegionsCommand, EC2Client, paginateDescribeSecurityGroupRules } from '@aws-sdk/client-ec2';
import {
  ElastiCacheClient,
  paginateDescribeCacheClusters,
  paginateDescribeCacheSecurityGroups,
  paginateDescribeServerlessCaches,
} from '@aws-sdk/client-elasticache';
import { OrganizationsClient, paginateListAccounts } from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, type Credentials, STSClient } from '@aws-sdk/client-sts';
import pMap from 'p-map';
import { RETRYING } from '../src/aws/clients.ts';
import { run } from '../src/cli/run.ts';
import { REGIONS } from './organization-places.ts';

/** What one run came to. */
export interface Measured {
  readonly milliseconds: number;
  readonly peakKilobytes: number;
  readonly exitCode: number;
}

/** As the command has it. */
const [ACCOUNTS_AT_ONCE, REGIONS_AT_ONCE] = [10, 4];
const [HOME] = REGIONS;
const NONE: Partial<Credentials> = {};

async function readToEnd(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

async function callAccount(sts: STSClient, account: string): Promise<void> {
  const RoleArn = `arn:aws:iam::${account}:role/ingress-guard-read`;
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'bare' }));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? NONE;
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  await new EC2Client({ ...RETRYING, region: HOME, credentials }).send(new DescribeRegionsCommand());
  const look = async (region: string): Promise<void> => {
    const elastiCache = new ElastiCacheClient({ ...RETRYING, region, credentials });
    const ec2 = new EC2Client({ ...RETRYING, region, credentials });
    const Filters = [{ Name: 'group-id', Values: ['sg-0000000000000000a'] }];
    const caches = async () => {
      await Promise.all([
        readToEnd(paginateDescribeCacheClusters({ client: elastiCache }, { ShowCacheNodeInfo: true })),
        readToEnd(paginateDescribeServerlessCaches({ client: elastiCache }, {})),
      ]);
      await readToEnd(paginateDescribeSecurityGroupRules({ client: ec2 }, { Filters }));
    };
    await Promise.allSettled([caches(), readToEnd(paginateDescribeCacheSecurityGroups({ client: elastiCache }, {}))]);
  };
  await pMap(REGIONS, look, { concurrency: REGIONS_AT_ONCE });
}

async function makeBareCalls(): Promise<number> {
  const accounts: string[] = [];
  for await (const { Accounts = [] } of paginateListAccounts(
    { client: new OrganizationsClient({ ...RETRYING, region: HOME }), pageSize: 20 },
    {},
  )) {
    accounts.push(...Accounts.flatMap(({ Id, State }) => (State === 'ACTIVE' && Id ? [Id] : [])));
  }
  const sts = new STSClient({ ...RETRYING, region: HOME });
  await pMap(accounts, (account) => callAccount(sts, account).catch(() => {}), { concurrency: ACCOUNTS_AT_ONCE });
  return 1;
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
