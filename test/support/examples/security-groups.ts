import type { Revoked, VpcPorts } from '../../../src/enforcement/ports.ts';
import type { ListedCache, ListedRule, SecurityGroupRule } from '../../../src/policy/vpc/security-group-rule.ts';
import type { PrefixListContent, VpcSource } from '../../../src/policy/vpc/source.ts';
import { ACCOUNT, REGION } from './grants.ts';
import { toRevoke } from './to-revoke.ts';

export const GROUP = 'sg-0aaaaaaaaaaaaaaaa';
export const OTHER_GROUP = 'sg-0bbbbbbbbbbbbbbbb';
export const RULE = 'sgr-0123456789abcdef0';

/** Cache `sessions` listens on 6379 behind GROUP. */
export const sessions: ListedCache = { cacheName: 'sessions', securityGroupIds: [GROUP], ports: [6379] };

/** A rule of GROUP that opens 6379 to `10.0.0.0/16`, but for these changes. */
export function ruleWith(changes: Partial<SecurityGroupRule> = {}): SecurityGroupRule {
  return {
    account: ACCOUNT,
    region: REGION,
    securityGroupId: GROUP,
    securityGroupRuleId: RULE,
    ipProtocol: 'tcp',
    fromPort: 6379,
    toPort: 6379,
    source: { kind: 'cidr', cidr: '10.0.0.0/16' },
    ...changes,
  };
}

/** The same, and whom it lets in. */
export function ruleFrom(source: VpcSource, changes: Partial<SecurityGroupRule> = {}): SecurityGroupRule {
  return ruleWith({ source, ...changes });
}

/** Calls that answer from what is given to them, and keep what was asked and done. */
export function fakeCalls({
  caches = [sessions],
  rules = [],
  shared = [],
  names = {},
  unattributed = [],
  prefixLists = {},
}: {
  readonly caches?: readonly ListedCache[];
  readonly rules?: readonly (SecurityGroupRule | ListedRule)[];
  /** Security groups that guard something else as well. */
  readonly shared?: readonly string[];
  /** Names of security groups by id. */
  readonly names?: Readonly<Record<string, string>>;
  /** Security groups that guard a cache of which ElastiCache does not say so. */
  readonly unattributed?: readonly string[];
  /** What prefix lists hold, by id. */
  readonly prefixLists?: Readonly<Record<string, PrefixListContent | Error>>;
} = {}) {
  const made: string[] = [];
  const revoked: string[] = [];
  const state = {
    prefixLists,
    caches,
    rules: rules.map((one): ListedRule => ('ipProtocol' in one ? { rule: one } : one)),
  };
  const revokeRule = async ({ securityGroupRuleId }: SecurityGroupRule): Promise<Revoked> => {
    made.push('revokeRule');
    const isThere = state.rules.some(({ rule }) => rule?.securityGroupRuleId === securityGroupRuleId);
    state.rules = state.rules.filter(({ rule }) => rule?.securityGroupRuleId !== securityGroupRuleId);
    if (!isThere) return { result: 'already-gone' };
    revoked.push(securityGroupRuleId);
    return { result: 'revoked', requestId: `request-${revoked.length}` };
  };
  const calls: VpcPorts = {
    async listCaches() {
      made.push('listCaches');
      return state.caches;
    },
    async *listRules(securityGroupIds) {
      made.push('listRules');
      yield state.rules.filter(({ rule, unreadable }) => {
        const group = (rule ?? unreadable)?.securityGroupId;
        return group === undefined || securityGroupIds.includes(group);
      });
    },
    async readGroupNames(securityGroupIds) {
      made.push('readGroupNames');
      return new Map(securityGroupIds.flatMap((id) => (id in names ? [[id, names[id] as string] as const] : [])));
    },
    async readPrefixList(prefixListId) {
      made.push('readPrefixList');
      const content = state.prefixLists[prefixListId];
      if (content === undefined || content instanceof Error) throw content ?? new Error(`there is no ${prefixListId}`);
      return content;
    },
    async guardsSomethingElse(securityGroupId) {
      made.push('guardsSomethingElse');
      return shared.includes(securityGroupId);
    },
    async guardsCache(securityGroupId) {
      made.push('guardsCache');
      return unattributed.includes(securityGroupId);
    },
    async toRevokeRule(rule) {
      made.push('toRevokeRule');
      return await toRevoke(revokeRule)(rule);
    },
  };
  return { calls, state, made, revoked };
}
