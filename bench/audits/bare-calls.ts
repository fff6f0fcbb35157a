// Makes the calls of an audit with the SDK, as many at once and with clients that retry as ours, and does nothing with the
// answers: what an audit is compared with. `account` calls for one account and region, `organization` for all of its accounts.
import { DescribeRegionsCommand, EC2Client, paginateDescribeSecurityGroupRules } from '@aws-sdk/client-ec2';
import {
  ElastiCacheClient,
  paginateDescribeCacheClusters,
  paginateDescribeCacheSecurityGroups,
  paginateDescribeServerlessCaches,
} from '@aws-sdk/client-elasticache';
import { OrganizationsClient, paginateListAccounts } from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, type Credentials, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import pMap from 'p-map';
import { RETRYING } from '../../src/aws/clients.ts';
import { byGroupId } from '../../src/aws/ec2/filters.ts';
import { REGIONS } from './organization-places.ts';

/** As the command has it. */
const [ACCOUNTS_AT_ONCE, REGIONS_AT_ONCE] = [10, 4];
const [HOME] = REGIONS;
const NONE: Partial<Credentials> = {};

/** Of a session in another account. */
interface Session {
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
}

async function readToEnd(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

/** A call that is refused ends its list, and no other. Whoever measures counts the calls. */
async function listGrants(region: string, session: Session = {}): Promise<void> {
  const elastiCache = new ElastiCacheClient({ ...RETRYING, region, ...session });
  const ec2 = new EC2Client({ ...RETRYING, region, ...session });
  const securityGroupIds = new Set<string>();
  const listClusters = async (): Promise<void> => {
    const paging = { client: elastiCache, pageSize: 100 };
    for await (const { CacheClusters = [] } of paginateDescribeCacheClusters(paging, { ShowCacheNodeInfo: true })) {
      for (const { SecurityGroupId = '' } of CacheClusters.flatMap(({ SecurityGroups = [] }) => SecurityGroups)) {
        securityGroupIds.add(SecurityGroupId);
      }
    }
  };
  const listRules = async (): Promise<void> => {
    await Promise.all([listClusters(), readToEnd(paginateDescribeServerlessCaches({ client: elastiCache }, {}))]);
    for (const filter of byGroupId([...securityGroupIds])) {
      await readToEnd(paginateDescribeSecurityGroupRules({ client: ec2, pageSize: 1000 }, { Filters: [filter] }));
    }
  };
  const listCacheSecurityGroups = (): Promise<void> =>
    readToEnd(paginateDescribeCacheSecurityGroups({ client: elastiCache, pageSize: 100 }, {}));
  await Promise.allSettled([listRules(), listCacheSecurityGroups()]);
}

async function callForAccount(): Promise<void> {
  await new STSClient({ ...RETRYING, region: HOME }).send(new GetCallerIdentityCommand());
  await listGrants(HOME);
}

async function callForMember(sts: STSClient, account: string): Promise<void> {
  const RoleArn = `arn:aws:iam::${account}:role/ingress-guard-read`;
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'bare' }));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? NONE;
  const session = {
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
  };
  await new EC2Client({ ...RETRYING, region: HOME, ...session }).send(new DescribeRegionsCommand());
  await pMap(REGIONS, (region) => listGrants(region, session), { concurrency: REGIONS_AT_ONCE });
}

async function callForOrganization(): Promise<void> {
  const accounts: string[] = [];
  const client = new OrganizationsClient({ ...RETRYING, region: HOME });
  for await (const { Accounts = [] } of paginateListAccounts({ client, pageSize: 20 }, {})) {
    accounts.push(...Accounts.flatMap(({ Id, State }) => (State === 'ACTIVE' && Id ? [Id] : [])));
  }
  const sts = new STSClient({ ...RETRYING, region: HOME });
  // A member whose role is missing has no other calls.
  await pMap(accounts, (account) => callForMember(sts, account).catch(() => {}), { concurrency: ACCOUNTS_AT_ONCE });
}

await (process.argv[2] === 'account' ? callForAccount() : callForOrganization());
