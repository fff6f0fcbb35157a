// The rules and grants of bench/decide.ts.
import type { AllowlistRule } from '../src/policy/allowlist.ts';
import type { ClassicAllowlistRule } from '../src/policy/classic/allowlist-rule.ts';
import type { ClassicGrant } from '../src/policy/classic/grant.ts';
import type { Grant } from '../src/policy/grant.ts';
import type { VpcAllowlistRule } from '../src/policy/vpc/allowlist-rule.ts';
import type { VpcGrant } from '../src/policy/vpc/grant.ts';
import type { VpcSource } from '../src/policy/vpc/source.ts';

const ACCOUNT = '111122223333';
const STRANGER = '999988887777';
const OWNERS = [['self'], ['444455556666', 'self'], ['*'], ['self', '012345678901']];

/**
 * Every second rule names exactly whom it means, the others have wildcards: at the end, at the beginning, in between. No name
 * is covered by more rules the more there are, so that every size does the same work.
 */
function classicRule(number: number): ClassicAllowlistRule {
  const [cache, ec2] =
    number % 2 === 0
      ? [`sessions-${number}`, `web-${number}`]
      : ([
          [`team-${number}-*`, `job-${number}-*`],
          [`*-queue-${number}`, `*-worker-${number}`],
          [`shop-${number}-*-blue`, `app-${number}-*-eu`],
        ][number % 3] as [string, string]);
  return {
    id: `rule-${number}`,
    cacheSecurityGroups: [cache],
    ec2SecurityGroups: [ec2, `spare-${number}`],
    ownerIds: OWNERS[number % OWNERS.length] as string[],
    ...(number % 5 === 0 && { accounts: [ACCOUNT] }),
    ...(number % 7 === 0 && { expires: '2030-01-31' }),
  };
}

/** A range for every number up to 65,535, none inside another; and every rule names the range of the office. */
function vpcRule(number: number): VpcAllowlistRule {
  return {
    id: `rule-${number}`,
    caches: number % 2 === 0 ? [`cache-${number}`] : [`cache-${number}`, `cache-${number}-*`],
    cidrs: [`10.${number >> 8}.${number & 255}.0/24`, '192.168.0.0/16'],
    securityGroupIds: [`sg-${number}`],
  };
}

const classicRules = (count: number): ClassicAllowlistRule[] => Array.from({ length: count }, (_, i) => classicRule(i));
const vpcRules = (count: number): VpcAllowlistRule[] => Array.from({ length: count }, (_, i) => vpcRule(i));

type Kind = 'allow, exact' | 'allow, wildcard' | 'deny, near' | 'deny, far';
const KINDS: readonly Kind[] = ['allow, exact', 'allow, wildcard', 'deny, near', 'deny, far'];

/** Grants of a kind, spread over all the rules. */
function grantsOf(kind: Kind, judgedBy: readonly ClassicAllowlistRule[], count: number): ClassicGrant[] {
  return Array.from({ length: count }, (_, i) => {
    const at = Math.floor((i * judgedBy.length) / count);
    // Even numbers are exact; of the others, none of those that any owner is good for.
    const { cacheSecurityGroups, ec2SecurityGroups } = judgedBy[
      kind === 'allow, exact' ? at & ~1 : at | 1
    ] as ClassicAllowlistRule;
    const [into, from] = [fill(cacheSecurityGroups[0] as string), fill(ec2SecurityGroups[0] as string)];
    if (kind === 'deny, far') return grant(`nobody-${i}`, `knows-${i}`, STRANGER);
    return grant(into, from, kind === 'deny, near' ? STRANGER : ACCOUNT);
  });
}

/** What is judged of each kind of grant: the rules of an allowlist of a size, and grants that it allows, or denies. */
export interface Judged {
  readonly what: string;
  readonly effect: 'allow' | 'deny';
  readonly rules: (size: number) => readonly AllowlistRule[];
  readonly grants: (size: number, count: number) => readonly Grant[];
}

const ofClassic = (kind: Kind): Judged => ({
  what: `cache security group: ${kind}`,
  effect: kind.startsWith('allow') ? 'allow' : 'deny',
  rules: classicRules,
  grants: (size, count) => grantsOf(kind, classicRules(size), count),
});

const ofVpc = (
  what: string,
  effect: 'allow' | 'deny',
  target: (n: number) => string,
  source: (n: number) => VpcSource,
): Judged => ({
  what: `cache: ${what}`,
  effect,
  rules: vpcRules,
  grants: (size, count) =>
    Array.from({ length: count }, (_, i) => {
      const n = Math.floor((i * size) / count);
      return vpcGrant(target(n), source(n));
    }),
});

const byName = (n: number) => `cache-${n}`;
const cidr = (n: number, last: string): VpcSource => ({ kind: 'cidr', cidr: `10.${n >> 8}.${n & 255}.${last}` });

export const JUDGED: readonly Judged[] = [
  ...KINDS.map(ofClassic),
  ofVpc('allow, a range', 'allow', byName, (n) => cidr(n, '128/25')),
  ofVpc('allow, a range that every rule names', 'allow', byName, () => ({ kind: 'cidr', cidr: '192.168.7.0/24' })),
  ofVpc('allow, a security group', 'allow', byName, (n) => ({
    kind: 'securityGroup',
    securityGroupId: `sg-${n}`,
    securityGroupOwnerId: ACCOUNT,
  })),
  ofVpc('deny, 0.0.0.0/0', 'deny', byName, () => ({ kind: 'cidr', cidr: '0.0.0.0/0' })),
  ofVpc('deny, a range of another rule', 'deny', byName, (n) => cidr(n + 1, '0/23')),
  ofVpc(
    'deny, a cache that no rule names',
    'deny',
    (n) => `nobody-${n}`,
    (n) => cidr(n, '0/25'),
  ),
];

/** A name that the pattern covers; a text of its own, as one that comes from an event is. */
const fill = (pattern: string): string => Buffer.from(pattern.replaceAll('*', 'some')).toString('latin1');

function grant(
  cacheSecurityGroupName: string,
  ec2SecurityGroupName: string,
  ec2SecurityGroupOwnerId: string,
): ClassicGrant {
  return {
    kind: 'classic',
    account: ACCOUNT,
    region: 'us-east-1',
    target: { cacheSecurityGroupName },
    source: { ec2SecurityGroupName, ec2SecurityGroupOwnerId },
  };
}

function vpcGrant(cacheName: string, source: VpcSource): VpcGrant {
  const target = { cacheName, ports: [6379], securityGroupId: 'sg-0a', securityGroupRuleId: 'sgr-0a' };
  return { kind: 'vpc', account: ACCOUNT, region: 'us-east-1', target, source };
}
