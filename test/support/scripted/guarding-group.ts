import { sampleEvent, withChanges } from '../../events/sample-events.ts';
import { ec2Answer, rulesPage } from './ec2-answers.ts';
import { type Answer, found, startScriptedEndpoint } from './scripted-endpoint.ts';

/** The security group of the sample events. */
export const SCRIPTED_GROUP = 'sg-0a1b2c3d4e5f60001';

/** So many ranges of which none is allowed. */
export const strangers = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `198.${18 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}/32`);

/** The id of the rule for a range, by its place among all of them. */
export const ruleIdAt = (index: number): string => `sgr-${index.toString(16).padStart(17, '0')}`;

interface Script {
  /** Who may reach port 6379 behind the group, a rule for each. */
  readonly ranges: readonly string[];
  /** The names of the caches behind the group, at each listing of them. */
  readonly caches?: (listing: number) => readonly string[];
  /** Is called before a revocation is answered. */
  readonly onRevoke?: (securityGroupRuleId: string) => void;
  /** The elements in which each rule differs. */
  readonly rule?: Readonly<Record<string, string>>;
  /** What answers a call in the place of AWS. */
  readonly inPlaceOf?: (action: string) => Answer | undefined;
  /** A revocation is answered when this has ended. */
  readonly beforeRevoke?: () => Promise<unknown> | undefined;
}

/** An ElastiCache and an EC2 with one security group that guards caches. Rules that are revoked stay listed: Describe lags. */
export async function startGuardingGroup({
  ranges,
  caches = () => ['sessions'],
  onRevoke,
  beforeRevoke,
  rule,
  inPlaceOf,
}: Script) {
  const revoked: string[] = [];
  let listings = 0;
  const rules = ranges.map((cidrIpv4, index) => {
    return { securityGroupRuleId: ruleIdAt(index), groupId: SCRIPTED_GROUP, cidrIpv4, ...rule };
  });
  const endpoint = await startScriptedEndpoint(async (action, parameters): Promise<Answer> => {
    const other = inPlaceOf?.(action);
    if (other !== undefined) return other;
    switch (action) {
      case 'DescribeCacheClusters':
        return found(action, `<CacheClusters>${caches(++listings).map(clusterXml).join('')}</CacheClusters>`);
      case 'DescribeSecurityGroupRules':
        return rulesPage(rules);
      case 'RevokeSecurityGroupIngress': {
        const id = parameters.get('SecurityGroupRuleId.1') ?? '';
        onRevoke?.(id);
        revoked.push(id);
        await beforeRevoke?.();
        return ec2Answer(action, '<return>true</return>');
      }
      default:
        return found(action);
    }
  });
  const { url } = endpoint;
  return {
    ...endpoint,
    revoked,
    environment: { AWS_ENDPOINT_URL_EC2: url, AWS_ENDPOINT_URL_ELASTICACHE: url, INGRESS_GUARD_MODE: 'enforce' },
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  };
}

function clusterXml(name: string): string {
  return `<CacheCluster><CacheClusterId>${name}</CacheClusterId><CacheClusterStatus>available</CacheClusterStatus><Engine>redis</Engine>
    <SecurityGroups><member><SecurityGroupId>${SCRIPTED_GROUP}</SecurityGroupId><Status>active</Status></member></SecurityGroups>
    <CacheNodes><CacheNode><Endpoint><Port>6379</Port></Endpoint></CacheNode></CacheNodes></CacheCluster>`;
}

/** The event of a call, a moment ago, that made these rules of the group, by their places. */
export function eventOfRules(...indices: readonly number[]): unknown {
  const sample = sampleEvent('authorize-security-group-ingress');
  const [made] = (sample.detail as { responseElements: { securityGroupRuleSet: { items: object[] } } }).responseElements
    .securityGroupRuleSet.items;
  return withChanges(sample, {
    'detail.eventTime': new Date().toISOString(),
    'detail.responseElements.securityGroupRuleSet.items': indices.map((index) => ({
      ...made,
      securityGroupRuleId: ruleIdAt(index),
    })),
  });
}

/** The event of a call, a moment ago, that gave the group to a cache. */
export function eventOfAttachment(cacheName: string): unknown {
  return withChanges(sampleEvent('modify-replication-group'), {
    'detail.eventTime': new Date().toISOString(),
    'detail.requestParameters.replicationGroupId': cacheName,
    'detail.requestParameters.securityGroupIds': [SCRIPTED_GROUP],
    'detail.responseElements.replicationGroupId': cacheName,
    'detail.responseElements.memberClusters': [cacheName],
  });
}
