import {
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  ModifyManagedPrefixListCommand,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroupRuleRequest,
} from '@aws-sdk/client-ec2';
import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  ElastiCacheClient,
  ModifyReplicationGroupCommand,
} from '@aws-sdk/client-elasticache';
import { PATIENT } from './patience.ts';
import { type Time, tolerate } from './people.ts';
import { FAR_REGION, REGION } from './plan.ts';
import {
  GROUPS,
  type PlannedAttachment,
  type PlannedCache,
  type PlannedGroup,
  type PlannedList,
  type PlannedRule,
  PORT_OF,
  toPermission,
  type WantedRule,
} from './rules-plan.ts';

/** The security groups by the names that the plan has for them. */
export type GroupIds = ReadonlyMap<string, string>;

/** What happens to caches and their groups beside the rules. */
export interface PlannedGroups {
  readonly attachments: readonly PlannedAttachment[];
  readonly caches: readonly PlannedCache[];
  readonly lists: readonly PlannedList[];
}

/** Those who make caches, security groups and rules, and edit them and take them away again, by hand. */
export interface RulePeople {
  /** Makes the security groups and the caches behind them, and the rules that are older than everything. */
  prepare(planned: PlannedGroups): Promise<GroupIds>;
  act(rules: readonly PlannedRule[], planned: PlannedGroups, time: Time): Promise<void>;
  /** The id of a security group, by its name in the plan. */
  groupId(name: string): string;
  createCache(cache: string, groupName: string): Promise<void>;
  /** Makes several rules with one call. Gives their ids, as far as the answer came. */
  authorizeAtOnce(groupName: string, rules: readonly WantedRule[]): Promise<readonly string[]>;
  /** Edits one rule, if it is there. Gives whether it was. */
  edit(groupName: string, securityGroupRuleId: string, rule: WantedRule): Promise<boolean>;
  leave(): void;
}

export function rulePeopleAt(endpoint: string): RulePeople {
  const config = {
    region: REGION,
    endpoint,
    credentials: { accessKeyId: 'people', secretAccessKey: 'test' },
    requestHandler: { httpAgent: { maxSockets: Number.POSITIVE_INFINITY } },
    retryStrategy: PATIENT,
  };
  const ec2 = new EC2Client(config);
  const elastiCache = new ElastiCacheClient(config);
  const far = {
    ec2: new EC2Client({ ...config, region: FAR_REGION }),
    elastiCache: new ElastiCacheClient({ ...config, region: FAR_REGION }),
  };
  const groupIds = new Map<string, string>();
  /** The prefix lists by the groups whose rules name them. */
  const listIds = new Map<string, string>();
  const idOf = (name: string): string => groupIds.get(name) as string;

  async function authorize(groupName: string, rule: WantedRule): Promise<string | undefined> {
    const made = await tolerate(
      ec2.send(
        new AuthorizeSecurityGroupIngressCommand({ GroupId: idOf(groupName), IpPermissions: [toPermission(rule)] }),
      ),
    );
    return made?.SecurityGroupRules?.[0]?.SecurityGroupRuleId;
  }

  async function careFor({ groupName, steps }: PlannedRule, time: Time): Promise<void> {
    const GroupId = idOf(groupName);
    let SecurityGroupRuleId: string | undefined;
    for (const step of steps) {
      await time.until(step.atMs);
      if (step.what === 'authorize')
        SecurityGroupRuleId = (await authorize(groupName, step.rule)) ?? SecurityGroupRuleId;
      // Somebody else has made the same rule before.
      if (SecurityGroupRuleId === undefined) return;
      if (step.what === 'edit') {
        const SecurityGroupRules = [{ SecurityGroupRuleId, SecurityGroupRule: toRequest(step.rule) }];
        await tolerate(ec2.send(new ModifySecurityGroupRulesCommand({ GroupId, SecurityGroupRules })));
      }
      if (step.what === 'revoke') {
        const SecurityGroupRuleIds = [SecurityGroupRuleId];
        await tolerate(ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds })));
      }
    }
  }

  async function createCache(name: string, SecurityGroupIds: string[], at = elastiCache): Promise<void> {
    const common = { Port: PORT_OF(name), ...(SecurityGroupIds.length > 0 && { SecurityGroupIds }) };
    if (/^(vault|solo)/.test(name)) {
      const Engine = name.startsWith('vault') ? 'memcached' : 'redis';
      const cluster = { CacheClusterId: name, Engine, NumCacheNodes: 1 };
      await tolerate(at.send(new CreateCacheClusterCommand({ ...common, ...cluster })));
    } else {
      const group = { ReplicationGroupId: name, ReplicationGroupDescription: 'Chaos', NumCacheClusters: 2 };
      await tolerate(at.send(new CreateReplicationGroupCommand({ ...common, ...group })));
    }
  }

  /** Makes a security group and what is behind it. One whose making was answered by a cut connection is there all the same. */
  async function createGroup({ name, caches, isShared, isFar }: PlannedGroup): Promise<void> {
    const at = isFar ? far : { ec2, elastiCache };
    if (name !== 'default') {
      await tolerate(at.ec2.send(new CreateSecurityGroupCommand({ GroupName: name, Description: 'Chaos' })));
    }
    const Filters = [{ Name: 'group-name', Values: [name] }];
    const { SecurityGroups } = await at.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
    const SecurityGroupIds = [SecurityGroups?.[0]?.GroupId as string];
    groupIds.set(name, SecurityGroupIds[0] as string);
    const named = name === 'default' ? [] : SecurityGroupIds;
    await Promise.all(caches.map((cache) => createCache(cache, named, at.elastiCache)));
    const SubnetId = 'subnet-00000000000000000';
    if (isShared) await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId, Groups: SecurityGroupIds }));
  }

  async function careForCache(
    { atMs, what, cache, groupName, ruleMeanwhile }: PlannedCache,
    time: Time,
  ): Promise<void> {
    await time.until(atMs);
    if (what === 'create') await createCache(cache, [idOf(groupName)]);
    else {
      const group = {
        ReplicationGroupId: `ha-${cache}`,
        ReplicationGroupDescription: 'Chaos',
        PrimaryClusterId: cache,
      };
      await tolerate(elastiCache.send(new CreateReplicationGroupCommand(group)));
    }
    if (ruleMeanwhile !== undefined) await authorize(groupName, ruleMeanwhile);
  }

  async function createList({ groupName, entry }: PlannedList): Promise<void> {
    const wanted = { PrefixListName: groupName, AddressFamily: 'IPv4', MaxEntries: 5, Entries: [{ Cidr: entry }] };
    const made = await ec2.send(new CreateManagedPrefixListCommand(wanted));
    const PrefixListId = made.PrefixList?.PrefixListId as string;
    listIds.set(groupName, PrefixListId);
    await authorize(groupName, { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379, source: { PrefixListId } });
  }

  async function editList({ atMs, groupName, entryAdded }: PlannedList, time: Time): Promise<void> {
    await time.until(atMs);
    const change = { PrefixListId: listIds.get(groupName), CurrentVersion: 1, AddEntries: [{ Cidr: entryAdded }] };
    await tolerate(ec2.send(new ModifyManagedPrefixListCommand(change)));
  }

  return {
    async prepare({ attachments, caches, lists }) {
      await Promise.all(GROUPS.map(createGroup));
      for (const { groupName, rule } of [...attachments, ...caches]) await authorize(groupName, rule);
      await Promise.all(lists.map(createList));
      return groupIds;
    },
    async act(rules, { attachments, caches, lists }, time) {
      await Promise.all([
        ...rules.map((planned) => careFor(planned, time)),
        ...caches.map((planned) => careForCache(planned, time)),
        ...lists.map((planned) => editList(planned, time)),
        ...attachments.map(async ({ atMs, cache, groupName }) => {
          await time.until(atMs);
          const SecurityGroupIds = [idOf(cache), idOf(groupName)];
          await tolerate(
            elastiCache.send(new ModifyReplicationGroupCommand({ ReplicationGroupId: cache, SecurityGroupIds })),
          );
        }),
      ]);
    },
    groupId: idOf,
    createCache: (cache, groupName) => createCache(cache, [idOf(groupName)]),
    async authorizeAtOnce(groupName, rules) {
      const IpPermissions = rules.map(toPermission);
      const call = new AuthorizeSecurityGroupIngressCommand({ GroupId: idOf(groupName), IpPermissions });
      const at = GROUPS.find(({ name }) => name === groupName)?.isFar ? far.ec2 : ec2;
      const made = await tolerate(at.send(call));
      return (made?.SecurityGroupRules ?? []).flatMap(({ SecurityGroupRuleId }) => SecurityGroupRuleId ?? []);
    },
    async edit(groupName, SecurityGroupRuleId, rule) {
      const SecurityGroupRules = [{ SecurityGroupRuleId, SecurityGroupRule: toRequest(rule) }];
      const call = new ModifySecurityGroupRulesCommand({ GroupId: idOf(groupName), SecurityGroupRules });
      return (await tolerate(ec2.send(call))) !== undefined;
    },
    leave() {
      for (const client of [ec2, elastiCache, far.ec2, far.elastiCache]) client.destroy();
    },
  };
}

function toRequest({ ipProtocol, fromPort, toPort, source }: WantedRule): SecurityGroupRuleRequest {
  return {
    IpProtocol: ipProtocol,
    FromPort: fromPort,
    ToPort: toPort,
    ...('CidrIp' in source && { CidrIpv4: source.CidrIp }),
    ...('CidrIpv6' in source && { CidrIpv6: source.CidrIpv6 }),
    ...('PrefixListId' in source && { PrefixListId: source.PrefixListId }),
    ...('GroupId' in source && { ReferencedGroupId: source.GroupId }),
  };
}
