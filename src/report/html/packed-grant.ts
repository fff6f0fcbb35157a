import type { Grant } from '../../policy/grant.ts';
import type { VpcSource } from '../../policy/vpc/source.ts';

/** Indexes into the texts of a packed report: five for a grant of a cache security group, more for one of a rule. */
export type PackedGrant =
  | readonly [account: number, region: number, cacheSecurityGroup: number, ec2SecurityGroup: number, owner: number]
  | readonly [
      account: number,
      region: number,
      cache: number,
      ports: number,
      securityGroup: number,
      rule: number,
      sourceKind: number,
      source: number,
      /** -1 for none. */
      sourceOwner?: number,
      clusterNames?: number,
    ];

export function packGrant(grant: Grant, indexOf: (text: string) => number): PackedGrant {
  const [account, region] = [indexOf(grant.account), indexOf(grant.region)];
  if (grant.kind !== 'vpc') {
    const { target, source } = grant;
    const owner = indexOf(source.ec2SecurityGroupOwnerId);
    return [account, region, indexOf(target.cacheSecurityGroupName), indexOf(source.ec2SecurityGroupName), owner];
  }
  const { cacheName, clusterNames, ports, securityGroupId, securityGroupRuleId } = grant.target;
  const { kind, source, owner } = packSource(grant.source);
  return [
    account,
    region,
    indexOf(cacheName),
    indexOf(ports.join()),
    indexOf(securityGroupId),
    indexOf(securityGroupRuleId),
    kind,
    indexOf(source),
    ...(clusterNames === undefined
      ? owner === undefined
        ? ([] as const)
        : ([indexOf(owner)] as const)
      : ([owner === undefined ? -1 : indexOf(owner), indexOf(clusterNames.join())] as const)),
  ];
}

export function unpackGrant(packed: PackedGrant, text: (index: number) => string): Grant {
  if (packed.length === 5) {
    const [account, region, cacheSecurityGroup, ec2SecurityGroup, owner] = packed;
    return {
      kind: 'classic',
      account: text(account),
      region: text(region),
      target: { cacheSecurityGroupName: text(cacheSecurityGroup) },
      source: { ec2SecurityGroupName: text(ec2SecurityGroup), ec2SecurityGroupOwnerId: text(owner) },
    };
  }
  const [account, region, cache, ports, securityGroup, rule, kind, source, owner = -1, clusterNames] = packed;
  return {
    kind: 'vpc',
    account: text(account),
    region: text(region),
    target: {
      cacheName: text(cache),
      ...(clusterNames !== undefined && { clusterNames: text(clusterNames).split(',') }),
      ports: text(ports).split(',').map(Number),
      securityGroupId: text(securityGroup),
      securityGroupRuleId: text(rule),
    },
    source: unpackSource(kind, text(source), owner === -1 ? undefined : text(owner)),
  };
}

/** Of the three kinds of sources, by number. */
const [CIDR, PREFIX_LIST, SECURITY_GROUP] = [0, 1, 2];

function packSource(source: VpcSource): { kind: number; source: string; owner?: string | undefined } {
  if (source.kind === 'cidr') return { kind: CIDR, source: source.cidr };
  if (source.kind === 'prefixList') return { kind: PREFIX_LIST, source: source.prefixListId };
  return { kind: SECURITY_GROUP, source: source.securityGroupId, owner: source.securityGroupOwnerId };
}

function unpackSource(kind: number, source: string, owner: string | undefined): VpcSource {
  if (kind === CIDR) return { kind: 'cidr', cidr: source };
  if (kind === PREFIX_LIST) return { kind: 'prefixList', prefixListId: source };
  return {
    kind: 'securityGroup',
    securityGroupId: source,
    ...(owner !== undefined && { securityGroupOwnerId: owner }),
  };
}
