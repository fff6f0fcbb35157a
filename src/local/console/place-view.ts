import type { Account } from '../account.ts';
import type { SecurityGroupRule } from '../ec2/security-group-rules.ts';
import type { Region } from '../region.ts';
import { classicKey, type Evaluation, placeKeyOf, publicKey, ruleKey } from './evaluator.ts';
import type {
  CacheView,
  ClassicGroupView,
  GroupView,
  PlaceId,
  PlaceView,
  Reported,
  RuleView,
  SourceView,
  Verdict,
} from './messages.ts';

/** How much of a large account the page shows. */
const MOST_CACHES = 200;
const MOST_RULES = 100;
const MOST_CLASSIC_GROUPS = 200;
const MOST_SOURCES = 500;

/** What is known of what stands, beyond what the account says. */
export interface Known {
  /** Not there while nothing was evaluated, or where nothing evaluates. */
  readonly evaluation?: Evaluation | undefined;
  /** What a function reported last of a rule or a grant, by its key. */
  readonly reportedOf: (key: string) => Reported | undefined;
}

/** What exists at a place, with what the allowlist says of it. Looks at the account behind the API's back. */
export function viewPlace(account: Account, region: Region, { evaluation, reportedOf }: Known): PlaceView {
  const place = { account: account.id, region: region.name };
  const problems = evaluation?.problems.get(placeKeyOf(place)) ?? [];
  const verdictOf = (key: string, what: string): Verdict | undefined =>
    evaluation && (evaluation.verdicts.get(key) ?? notEvaluated(problems, what));
  const caches = cachesOf(region).map(({ isPublic, ...cache }) => {
    const publicEndpoint = isPublic ? verdictOf(publicKey(place, cache.name), cache.name) : undefined;
    return { ...cache, ...(publicEndpoint && { publicEndpoint }) };
  });
  const shown = caches.slice(0, MOST_CACHES);
  const groupIds = [...new Set(shown.flatMap(({ groups }) => groups))];
  const cachesBehind = (groupId: string) => caches.filter(({ groups }) => groups.includes(groupId));
  const groups = groupIds.map((id): GroupView => {
    const behind = cachesBehind(id);
    const rules = region.securityGroupRules
      .list(id)
      .filter(({ isEgress }) => !isEgress)
      .map((rule) => {
        const key = ruleKey(place, rule.securityGroupRuleId);
        const reaches = reachesOneOf(rule, behind);
        const standing = reaches ? verdictOf(key, rule.securityGroupRuleId) : undefined;
        return viewRule(rule, region, reaches, standing, reportedOf(key));
      })
      .sort((a, b) => rankOf(a) - rankOf(b));
    return {
      id,
      name: region.securityGroups.find(id)?.groupName ?? '',
      moreRules: Math.max(0, rules.length - MOST_RULES),
      rules: rules.slice(0, MOST_RULES),
    };
  });
  const classic = account.hasEc2Classic ? classicGroups(region, place, verdictOf, reportedOf) : undefined;
  return {
    ...place,
    caches: shown,
    moreCaches: caches.length - shown.length,
    groups,
    sources: sourcesOf(region),
    ...(classic && { classic: classic.slice(0, MOST_CLASSIC_GROUPS) }),
    moreClassic: Math.max(0, (classic?.length ?? 0) - MOST_CLASSIC_GROUPS),
    problems,
  };
}

/** The worst first: what is not allowed, what is not evaluated, what is allowed, and what opens no cache. */
function rankOf({ reaches, standing }: RuleView): number {
  if (!reaches) return 3;
  if (standing?.as === 'allowed') return 2;
  return standing === undefined || standing.as === 'not-evaluated' ? 1 : 0;
}

/** What has no verdict though something evaluated: it never looks clean. */
function notEvaluated(problems: readonly string[], what: string): Verdict {
  const named = problems.find((problem) => problem.includes(what));
  return { as: 'not-evaluated', why: named ?? problems[0] ?? 'it is not evaluated yet' };
}

type Cache = Omit<CacheView, 'publicEndpoint'> & { readonly isPublic: boolean };

/** The caches, clusters of one replication group together, in order of their names. */
function cachesOf(region: Region): Cache[] {
  const { clusters, replicationGroups, serverless } = region.caches;
  const groupsOfNodes = new Map<string, readonly string[]>();
  for (const { description, groupIds } of region.networkInterfaces.list()) groupsOfNodes.set(description, groupIds);
  const all = clusters.all(true).map((cluster) => {
    const named = cluster.SecurityGroups?.map(({ SecurityGroupId }) => SecurityGroupId);
    const endpoints = [cluster.ConfigurationEndpoint, ...(cluster.CacheNodes ?? []).map(({ Endpoint }) => Endpoint)];
    return {
      name: cluster.CacheClusterId,
      replicationGroup: cluster.ReplicationGroupId,
      engine: cluster.Engine,
      status: cluster.CacheClusterStatus,
      ports: portsOf(endpoints),
      // No call named any: the network interfaces of its nodes say which guard it.
      groups: named ?? groupsOfNodes.get(`ElastiCache ${cluster.CacheClusterId}`) ?? [],
    };
  });
  const inGroups = replicationGroups.all().map((group): Cache => {
    const members = all.filter(({ replicationGroup }) => replicationGroup === group.ReplicationGroupId);
    return {
      name: group.ReplicationGroupId,
      kind: 'replication group',
      engine: group.Engine,
      status: group.Status,
      ports: union(members.map(({ ports }) => ports)),
      groups: union(members.map(({ groups }) => groups)),
      isPublic: false,
    };
  });
  const alone = all
    .filter(({ replicationGroup }) => replicationGroup === undefined)
    .map(({ replicationGroup: _, ...cluster }): Cache => ({ ...cluster, kind: 'cluster', isPublic: false }));
  const withoutServers = serverless.all().map(
    (cache): Cache => ({
      name: cache.ServerlessCacheName,
      kind: 'serverless cache',
      engine: cache.Engine,
      status: cache.Status,
      ports: portsOf([cache.Endpoint, cache.ReaderEndpoint]),
      groups: cache.SecurityGroupIds ?? [],
      isPublic: cache.ConnectionType === 'public',
    }),
  );
  return [...inGroups, ...alone, ...withoutServers].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function portsOf(endpoints: readonly ({ readonly Port: number } | undefined)[]): number[] {
  return union([endpoints.flatMap((endpoint) => endpoint?.Port ?? [])]).sort((a, b) => a - b);
}

function union<Item>(lists: readonly (readonly Item[])[]): Item[] {
  return [...new Set(lists.flat())];
}

/** ElastiCache speaks TCP alone. A cache that is being created has no port yet, and may get any. */
function reachesOneOf({ ipProtocol, fromPort, toPort }: SecurityGroupRule, caches: readonly CacheView[]): boolean {
  if (!['-1', 'tcp', '6'].includes(ipProtocol)) return false;
  return caches.some(({ ports, status }) => {
    if (ports.length === 0) return status.toLowerCase() === 'creating';
    return ipProtocol === '-1' || ports.some((port) => fromPort <= port && port <= toPort);
  });
}

function viewRule(
  { securityGroupRuleId, ipProtocol, fromPort, toPort, description, source }: SecurityGroupRule,
  region: Region,
  reaches: boolean,
  standing: Verdict | undefined,
  reported: Reported | undefined,
): RuleView {
  return {
    id: securityGroupRuleId,
    ipProtocol,
    fromPort,
    toPort,
    ...(description !== undefined && { description }),
    source: viewSource(source, region),
    reaches,
    ...(standing && { standing }),
    ...(reported && { reported }),
  };
}

function viewSource(source: SecurityGroupRule['source'], region: Region): SourceView {
  if ('cidrIpv4' in source) return { kind: 'range', id: source.cidrIpv4 };
  if ('cidrIpv6' in source) return { kind: 'range', id: source.cidrIpv6 };
  if ('prefixListId' in source) {
    const list = region.prefixLists.list().find(({ prefixListId }) => prefixListId === source.prefixListId);
    return { kind: 'prefix list', id: source.prefixListId, ...(list && { name: list.prefixListName }) };
  }
  const name = region.securityGroups.find(source.referencedGroupId)?.groupName;
  return {
    kind: 'security group',
    id: source.referencedGroupId,
    ...(name !== undefined && { name }),
    owner: source.userId,
  };
}

function sourcesOf(region: Region): SourceView[] {
  return [
    ...region.securityGroups.list().map(
      ({ groupId, groupName, ownerId }): SourceView => ({
        kind: 'security group',
        id: groupId,
        name: groupName,
        owner: ownerId,
      }),
    ),
    ...region.prefixLists.list().map(
      ({ prefixListId, prefixListName }): SourceView => ({
        kind: 'prefix list',
        id: prefixListId,
        name: prefixListName,
      }),
    ),
  ].slice(0, MOST_SOURCES);
}

function classicGroups(
  region: Region,
  place: PlaceId,
  verdictOf: (key: string, what: string) => Verdict | undefined,
  reportedOf: Known['reportedOf'],
): ClassicGroupView[] {
  return region.cacheSecurityGroups.list('', Number.POSITIVE_INFINITY).map((group) => {
    const { CacheSecurityGroupName: name, Description: description, EC2SecurityGroups: grants } = group;
    return {
      name,
      description,
      moreGrants: Math.max(0, grants.length - MOST_RULES),
      grants: grants.slice(0, MOST_RULES).map(({ Status: status, ...names }) => {
        const { EC2SecurityGroupName: ec2SecurityGroupName, EC2SecurityGroupOwnerId: ec2SecurityGroupOwnerId } = names;
        const key = classicKey(place, name, ec2SecurityGroupOwnerId, ec2SecurityGroupName);
        const standing = verdictOf(key, name);
        const reported = reportedOf(key);
        return {
          ec2SecurityGroupName,
          ec2SecurityGroupOwnerId,
          status,
          ...(standing && { standing }),
          ...(reported && { reported }),
        };
      }),
    };
  });
}
