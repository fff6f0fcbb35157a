import {
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  CreateSecurityGroupCommand,
  ModifyManagedPrefixListCommand,
  ModifySecurityGroupRulesCommand,
  RestoreManagedPrefixListVersionCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  CreateServerlessCacheCommand,
  ElastiCacheClient,
  ModifyReplicationGroupCommand,
} from '@aws-sdk/client-elasticache';
import { expect, onTestFinished, test } from 'vitest';
import { parseSecurityGroupEvent } from '../../src/cloudtrail/parse-security-group-event.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { startAws } from '../support/local-aws/local-aws.ts';
import { ec2ClientFor } from '../support/local-aws/local-ec2.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';

/** A local AWS, clients for it, and what is read of the newest event. */
async function start() {
  const { aws, clock, events } = await startAws({ creatingMs: 0 });
  const elastiCache = new ElastiCacheClient({ region: REGION, endpoint: aws.url, credentials, maxAttempts: 1 });
  onTestFinished(() => elastiCache.destroy());
  const ec2 = ec2ClientFor(aws.url);
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'caches', Description: 'a' }));
  return {
    ec2,
    elastiCache,
    group: GroupId as string,
    async newest() {
      await clock.advance(60_000);
      const { call: _, ...parsed } = parseSecurityGroupEvent(events.at(-1));
      return parsed;
    },
  };
}

const place = { account: ACCOUNT, region: REGION };

test('a rule that was made and edited on the local AWS is told of with its id, and one that was revoked is not', async () => {
  const { ec2, group, newest } = await start();
  const IpPermissions = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] }];

  const made = await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions }));
  const madeEvent = await newest();
  const ids = (made.SecurityGroupRules ?? []).map(({ SecurityGroupRuleId }) => SecurityGroupRuleId as string);
  const SecurityGroupRule = { IpProtocol: 'tcp', FromPort: 1, ToPort: 2, CidrIpv4: '10.0.0.0/8' };
  const SecurityGroupRules = [{ SecurityGroupRuleId: ids[0], SecurityGroupRule }];
  await ec2.send(new ModifySecurityGroupRulesCommand({ GroupId: group, SecurityGroupRules }));
  const editedEvent = await newest();
  await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: group, SecurityGroupRuleIds: [ids[1] as string] }));
  const revokedEvent = await newest();

  const rules = { kind: 'rules', ...place, securityGroupId: group };
  expect(madeEvent).toEqual({ ...rules, securityGroupRuleIds: ids });
  expect(editedEvent).toEqual({ ...rules, securityGroupRuleIds: [ids[0]] });
  expect(revokedEvent).toMatchObject({ kind: 'ignored' });
});

test('a rule that the local AWS refused to make is not told of', async () => {
  const { ec2, group, newest } = await start();
  const rule = { GroupId: group, IpProtocol: 'tcp', FromPort: 1, ToPort: 2, CidrIp: '10.0.0.0/8' };
  await ec2.send(new AuthorizeSecurityGroupIngressCommand(rule));

  await ec2.send(new AuthorizeSecurityGroupIngressCommand(rule)).catch(() => {});

  expect(await newest()).toEqual({ kind: 'ignored', reason: 'the call failed: `Client.InvalidPermission.Duplicate`' });
});

test('a cache that was given security groups on the local AWS is told of with them', async () => {
  const { elastiCache, group, newest } = await start();
  const guarded = { SecurityGroupIds: [group] };
  const carts = { ReplicationGroupId: 'carts', ReplicationGroupDescription: 'a', NumCacheClusters: 1 };

  await elastiCache.send(new CreateCacheClusterCommand({ CacheClusterId: 'Sessions', Engine: 'redis', ...guarded }));
  const cluster = await newest();
  await elastiCache.send(
    new CreateServerlessCacheCommand({ ServerlessCacheName: 'prices', Engine: 'redis', ...guarded }),
  );
  const serverless = await newest();
  await elastiCache.send(new CreateReplicationGroupCommand(carts));
  const unguarded = await newest();
  await elastiCache.send(new ModifyReplicationGroupCommand({ ReplicationGroupId: 'carts', ...guarded }));
  const replicationGroup = await newest();
  await elastiCache.send(
    new ModifyReplicationGroupCommand({ ReplicationGroupId: 'carts', ReplicationGroupDescription: 'b' }),
  );
  const described = await newest();

  const attachment = { kind: 'attachment', ...place, securityGroupIds: [group] };
  expect(cluster).toEqual({ ...attachment, cacheName: 'sessions' });
  expect(serverless).toEqual({ ...attachment, cacheName: 'prices' });
  expect(unguarded).toEqual({ ...attachment, cacheName: 'carts', securityGroupIds: [] });
  expect(replicationGroup).toEqual({ ...attachment, cacheName: 'carts' });
  expect(described).toEqual({ kind: 'ignored', reason: 'names no security group' });
});

test('a prefix list that was changed or restored on the local AWS is told of, and one that was made is not', async () => {
  const { ec2, newest } = await start();
  const list = { PrefixListName: 'offices', AddressFamily: 'IPv4', MaxEntries: 5 };

  const { PrefixList } = await ec2.send(new CreateManagedPrefixListCommand(list));
  const made = await newest();
  const prefixListId = PrefixList?.PrefixListId as string;
  const change = { PrefixListId: prefixListId, CurrentVersion: 1, AddEntries: [{ Cidr: '10.0.0.0/8' }] };
  await ec2.send(new ModifyManagedPrefixListCommand(change));
  const changed = await newest();
  const former = { PrefixListId: prefixListId, PreviousVersion: 1, CurrentVersion: 2 };
  await ec2.send(new RestoreManagedPrefixListVersionCommand(former));
  const restored = await newest();

  expect(made).toMatchObject({ kind: 'ignored' });
  expect(changed).toEqual({ kind: 'prefixList', ...place, prefixListId });
  expect(restored).toEqual({ kind: 'prefixList', ...place, prefixListId });
});
