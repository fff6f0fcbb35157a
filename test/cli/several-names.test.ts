import { describe, expect, test } from 'vitest';
import { jsonLines, runCli } from '../support/commands/run-cli.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { rulesPage } from '../support/scripted/ec2-answers.ts';
import { found, noEc2Classic, startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';
import { folderWith } from '../support/tools/folder.ts';

const ACCOUNT = '123456789012';
const REGION = 'us-east-1';
const GROUP = 'sg-0c0c0c0c0c0c0c0c0';
const ALLOWLIST = `version: 1
rules:
  - id: vpc
    caches: [sessions]
    cidrs: [10.0.0.0/16]
`;

/** Somebody made cluster `sessions` the first of a replication group. */
const JOINED = {
  eventVersion: '1.08',
  userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/a`, accountId: ACCOUNT, userName: 'a' },
  eventTime: '2026-11-27T10:00:00Z',
  eventSource: 'elasticache.amazonaws.com',
  eventName: 'CreateReplicationGroup',
  awsRegion: REGION,
  requestParameters: { replicationGroupId: 'sessions-ha', primaryClusterId: 'sessions' },
  responseElements: { replicationGroupId: 'sessions-ha', status: 'creating', memberClusters: ['sessions'] },
  eventID: '11111111-1111-1111-1111-111111111112',
  eventType: 'AwsApiCall',
  recipientAccountId: ACCOUNT,
};

/** An account with these clusters behind one group, which 10.0.0.0/16 may reach. */
async function startAccount(...clusters: readonly { readonly id: string; readonly replicationGroup?: string }[]) {
  const elements = clusters.map(
    ({ id, replicationGroup = '' }) => `<CacheCluster>
      <CacheClusterId>${id}</CacheClusterId><ReplicationGroupId>${replicationGroup}</ReplicationGroupId>
      <CacheClusterStatus>available</CacheClusterStatus>
      <SecurityGroups><member><SecurityGroupId>${GROUP}</SecurityGroupId></member></SecurityGroups>
      <CacheNodes><CacheNode><Endpoint><Port>6379</Port></Endpoint></CacheNode></CacheNodes>
    </CacheCluster>`,
  );
  const rules = rulesPage([{ groupId: GROUP, groupOwnerId: ACCOUNT, cidrIpv4: '10.0.0.0/16' }]);
  const endpoint = await startScriptedEndpoint((action) => {
    if (action === 'DescribeCacheClusters') return found(action, `<CacheClusters>${elements.join('')}</CacheClusters>`);
    if (action === 'DescribeSecurityGroupRules') return rules;
    return action === 'DescribeCacheSecurityGroups' ? noEc2Classic : found(action);
  });
  stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url, AWS_ENDPOINT_URL_EC2: endpoint.url });
  return endpoint;
}

const ENFORCE_AUDIT = ['audit', '--mode', 'enforce', '--account', ACCOUNT, '--region', REGION, '--format', 'json'];
const ENFORCE_REPLAY = ['replay', '-', '--enforce', '--yes', '--account', ACCOUNT, '--format', 'json'];

describe('a cluster that joined a replication group', () => {
  test('keeps its name for the allowlist in an audit: nothing is revoked', async () => {
    await using account = await startAccount({ id: 'sessions', replicationGroup: 'sessions-ha' });
    const { allowlist } = await folderWith({ allowlist: ALLOWLIST });

    const { exitCode, stdout } = await runCli([...ENFORCE_AUDIT, '--allowlist', allowlist]);

    expect(JSON.parse(stdout).findings).toMatchObject([
      { outcome: 'allowed', grant: { target: { cacheName: 'sessions-ha', clusterNames: ['sessions'] } } },
    ]);
    expect(account.actions.filter((action) => action.startsWith('Revoke'))).toEqual([]);
    expect(exitCode).toBe(0);
  });

  test('keeps its access when the replication group is dissolved, though the allowlist has the name of that', async () => {
    await using account = await startAccount({ id: 'sessions-ha-001' });
    const { allowlist } = await folderWith({ allowlist: ALLOWLIST.replace('[sessions]', '[sessions-ha]') });

    const { exitCode, stdout } = await runCli([...ENFORCE_AUDIT, '--allowlist', allowlist]);

    const text = expect.stringContaining('names cache `sessions-ha`, which no longer exists');
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [{ outcome: 'held', heldBecause: 'gone-name', problem: text }],
      warnings: [{ rule: 'vpc', text }],
    });
    expect(account.actions.filter((action) => action.startsWith('Revoke'))).toEqual([]);
    expect(exitCode).toBe(2);
  });

  test('keeps it in an event as well', async () => {
    await using account = await startAccount({ id: 'sessions', replicationGroup: 'sessions-ha' });
    const { allowlist } = await folderWith({ allowlist: ALLOWLIST });

    const { exitCode, stdout } = await runCli([...ENFORCE_REPLAY, '--allowlist', allowlist], {
      stdin: JSON.stringify(JOINED),
    });

    expect(jsonLines(stdout)).toMatchObject([{ outcome: 'allowed', decision: { rule: 'vpc' } }]);
    expect(account.actions.filter((action) => action.startsWith('Revoke'))).toEqual([]);
    expect(exitCode).toBe(0);
  });
});
