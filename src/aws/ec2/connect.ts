import type { Place } from '../../policy/place.ts';
import type { VpcGrant } from '../../policy/vpc/grant.ts';
import type { ListedRule, SecurityGroupRule } from '../../policy/vpc/security-group-rule.ts';
import type { PrefixListContent } from '../../policy/vpc/source.ts';
import { type HowToConnect, inAMinute, keptByPlace, prepareRevocation, type Within } from '../kept.ts';
import type { PreparedRevocation } from '../revocation.ts';

/** What EC2 answers at one place. Each throws what the API answers, after the SDK's retries. */
export interface Ec2AtPlace {
  listRules(securityGroupIds: readonly string[]): AsyncIterable<readonly ListedRule[]>;
  readGroupNames(securityGroupIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  readPrefixList(prefixListId: string): Promise<PrefixListContent>;
  guardsSomethingElse(securityGroupId: string): Promise<boolean>;
  guardsCache(securityGroupId: string): Promise<boolean>;
  /** The security groups of each cluster, by its id, as the network interfaces of its nodes have them. */
  readNodeGroups(): Promise<ReadonlyMap<string, readonly string[]>>;
  toRevokeRule(rule: SecurityGroupRule): Promise<PreparedRevocation>;
  /** `listed`, or `undefined` once the rule of a grant is gone. */
  readRuleStatus(grant: VpcGrant): Promise<string | undefined>;
}

/** Gives what EC2 answers at a place. See `keptByPlace`. */
export function ec2Connector(how: HowToConnect = {}): (place: Place, within?: Within) => Ec2AtPlace {
  const callsAt = keptByPlace(how, async (config, aroundEachTry) => {
    const calls = await import('./calls.ts');
    return { ...calls, client: calls.ec2Client(config, aroundEachTry) };
  });
  return (place, { timeUp, revokeBy = inAMinute } = {}) => ({
    async *listRules(securityGroupIds) {
      const { client, listSecurityGroupRules } = await callsAt(place);
      yield* listSecurityGroupRules(client, securityGroupIds, timeUp);
    },
    async readGroupNames(securityGroupIds) {
      const { client, readGroupNames } = await callsAt(place);
      return await readGroupNames(client, securityGroupIds, timeUp);
    },
    async readPrefixList(prefixListId) {
      const { client, readPrefixList } = await callsAt(place);
      return await readPrefixList(client, prefixListId, timeUp);
    },
    async guardsSomethingElse(securityGroupId) {
      const { client, guardsSomethingElse } = await callsAt(place);
      return await guardsSomethingElse(client, securityGroupId, timeUp);
    },
    async guardsCache(securityGroupId) {
      const { client, guardsCache } = await callsAt(place);
      return await guardsCache(client, securityGroupId, timeUp);
    },
    async readNodeGroups() {
      const { client, readNodeGroups } = await callsAt(place);
      return await readNodeGroups(client, timeUp);
    },
    async toRevokeRule(rule) {
      const { client, ec2Client, revokeSecurityGroupRule } = await callsAt(place);
      const target = { kind: 'securityGroup', securityGroupId: rule.securityGroupId } as const;
      return await prepareRevocation(how, { place, target, client, revokeBy }, ec2Client, (revoker, deadline) =>
        revokeSecurityGroupRule(revoker, rule, deadline),
      );
    },
    async readRuleStatus({ target }) {
      const { client, readRuleStatus } = await callsAt(place);
      return await readRuleStatus(client, target, timeUp);
    },
  });
}
