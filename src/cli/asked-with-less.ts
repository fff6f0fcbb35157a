import { isIP } from 'node:net';
import { type AllowlistRule, isVpcRule } from '../policy/allowlist.ts';
import type { AskedGrant } from './asked-grant.ts';

/** What stands for an account, and for a region, where any will do. It is not shown. */
export const ANY_ACCOUNT = '000000000000';
export const ANY_REGION = 'us-east-1';
/** What Redis OSS, Valkey and serverless caches listen on if nothing else is said (ElastiCache User Guide). */
export const DEFAULT_PORT = 6379;

export interface Completed {
  readonly asked: AskedGrant;
  readonly anyAccount: boolean;
  readonly anyRegion: boolean;
  /** What is missing, and which allowlist rule asks for it. */
  readonly problems: readonly string[];
}

/** Adds what a question leaves out, where the allowlist decides the same whatever it is. */
export function completeQuestion(asked: AskedGrant, rules: readonly AllowlistRule[]): Completed {
  const { account, region, cidr, ports } = asked;
  const isOfCache = asked.cacheName !== undefined;
  const ofKind = rules.filter((rule) => isVpcRule(rule) === isOfCache);
  const askingAccount = account === undefined ? ofKind.find((rule) => dependsOnAccount(rule, asked)) : undefined;
  const askingRegion = region === undefined ? ofKind.find((rule) => rule.regions !== undefined) : undefined;
  return {
    anyAccount: account === undefined,
    anyRegion: region === undefined,
    problems: [
      ...(askingAccount ? [`--account is missing: rule \`${askingAccount.id}\` depends on it`] : []),
      ...(askingRegion ? [`--region is missing: rule \`${askingRegion.id}\` depends on it`] : []),
    ],
    asked: {
      ...asked,
      account: account ?? ANY_ACCOUNT,
      region: region ?? ANY_REGION,
      ...(isOfCache && { ports: ports ?? [DEFAULT_PORT] }),
      ...(typeof cidr === 'string' && { cidr: withLength(cidr) }),
    },
  };
}

function dependsOnAccount(rule: AllowlistRule, { securityGroupId }: AskedGrant): boolean {
  if (rule.accounts !== undefined || rule.organizationalUnits !== undefined) return true;
  // `self` is the account. Of an address no one is the owner.
  return isVpcRule(rule) ? securityGroupId !== undefined : rule.ownerIds.includes('self');
}

/** A bare address is the range of that one. */
function withLength(cidr: string): string {
  const family = isIP(cidr);
  return family === 0 ? cidr : `${cidr}/${family === 4 ? 32 : 128}`;
}

/** The names of options in the place of the keys of a case: who is asked here writes options. */
export function inFlags(problem: string): string {
  const flags: Readonly<Record<string, string>> = {
    ports: '--port',
    entries: '--entry',
    clusterNames: '--cluster-name',
  };
  const flagOf = (key: string): string => flags[key] ?? `--${key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
  return problem
    .replace(/^(?:account|region|ports|entries|cidr)\b/, flagOf)
    .replace(/(?<![\w`-])[a-z][a-z0-9]+(?:[A-Z][a-z0-9]+)+(?![\w`-])/g, (key) => (KEYS.has(key) ? flagOf(key) : key))
    .replace(
      /^the source is missing: .*/,
      'no source is named: add --cidr, --prefix-list-id, --security-group-id or --public-endpoint',
    );
}

const KEYS = new Set([
  'cacheSecurityGroupName',
  'ec2SecurityGroupName',
  'ec2SecurityGroupOwnerId',
  'cacheName',
  'clusterNames',
  'prefixListId',
  'securityGroupId',
  'securityGroupName',
  'securityGroupOwnerId',
  'publicEndpoint',
]);
