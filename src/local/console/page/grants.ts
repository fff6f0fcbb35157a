import { code, element } from '../../../page-kit/elements.ts';
import type { Decided, SourceView, TrafficView } from '../messages.ts';

/** Who gets in: `192.0.2.0/24`, `sg-… (web) of 111122223333`. */
export function sourceNodes(source: SourceView | undefined): (Node | string)[] {
  if (source === undefined) return ['anyone on the internet'];
  const { id, name, owner } = source;
  return [code(id), ...(name ? [' (', code(name), ')'] : []), ...(owner ? [' of ', code(owner, 'id')] : [])];
}

/** The same as a text. */
export function sourceText(source: SourceView | undefined): string {
  if (source === undefined) return 'anyone on the internet';
  const { id, name, owner } = source;
  return `${id}${name ? ` (${name})` : ''}${owner ? ` of ${owner}` : ''}`;
}

/** `tcp 6379`, `tcp 0 to 65535`, `all protocols`. */
export function trafficText({ ipProtocol, fromPort, toPort }: TrafficView): string {
  if (ipProtocol === '-1') return 'all protocols';
  if (fromPort === -1 || toPort === -1) return `${ipProtocol}, all ports`;
  return `${ipProtocol} ${fromPort === toPort ? fromPort : `${fromPort} to ${toPort}`}`;
}

/** What is reached: `sessions:6379`, or the name of a cache security group. */
export function targetText({ cache, cacheSecurityGroup = '' }: Decided): string {
  return cache === undefined ? cacheSecurityGroup : `${cache.name}:${cache.ports.join(',')}`;
}

/** `sessions:6379 is open to 192.0.2.0/24` as a heading has it. */
export function grantNodes(decided: Decided): (Node | string)[] {
  return [code(targetText(decided)), element('span', { class: 'soft' }, ' from '), ...sourceNodes(decided.source)];
}

/** The parameters with which AuthorizeSecurityGroupIngress makes a rule. */
export function authorizeParameters(
  groupId: string,
  { ipProtocol, fromPort, toPort, description }: TrafficView,
  { kind, id, owner }: SourceView,
): Record<string, string> {
  const permission = 'IpPermissions.1';
  const ports =
    ipProtocol === '-1' ? {} : { [`${permission}.FromPort`]: `${fromPort}`, [`${permission}.ToPort`]: `${toPort}` };
  const list = LISTS[kind === 'range' && id.includes(':') ? 'IPv6' : kind];
  return {
    GroupId: groupId,
    [`${permission}.IpProtocol`]: ipProtocol,
    ...ports,
    [`${permission}.${list.name}.1.${list.member}`]: id,
    ...(owner && { [`${permission}.${list.name}.1.UserId`]: owner }),
    ...(description && { [`${permission}.${list.name}.1.Description`]: description }),
  };
}

/** Where EC2 wants each kind of source. */
const LISTS = {
  range: { name: 'IpRanges', member: 'CidrIp' },
  IPv6: { name: 'Ipv6Ranges', member: 'CidrIpv6' },
  // As EC2's Query API has it, not as its SDKs.
  'security group': { name: 'Groups', member: 'GroupId' },
  'prefix list': { name: 'PrefixListIds', member: 'PrefixListId' },
} as const;
