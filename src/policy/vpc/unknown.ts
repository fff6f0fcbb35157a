import type { CompiledAllowlist } from '../compile-allowlist.ts';
import { timeOf } from '../instant.ts';
import { vpcRulesOf } from './compiled-rules.ts';
import type { VpcAccess } from './grant.ts';
import { VpcQuestion } from './question.ts';

/**
 * Why a denied grant must not be acted on: an allowlist rule could allow it, depending on something that is not known of its
 * security group. That is its owner, or the name of a group of the account itself: EC2 does not list the group, because it is a
 * few seconds old, or because it may not be asked.
 *
 * A group of another account has a name that can never be looked up. That is known, and so it is denied.
 *
 * @returns a clause; `undefined` if the denial depends on nothing unknown.
 * @throws {RangeError} if the instant is an invalid date.
 */
export function whyUnknown(grant: VpcAccess, allowlist: CompiledAllowlist, instant: Date): string | undefined {
  const { account, source } = grant;
  if (source.kind !== 'securityGroup') return undefined;
  const { securityGroupId, securityGroupOwnerId: owner, securityGroupName: name } = source;
  if (owner !== undefined && (name !== undefined || owner !== account)) return undefined;
  const question = new VpcQuestion(grant, vpcRulesOf(allowlist), timeOf(instant));
  if (!question.namingCache().some((rule) => question.dependsOnUnknown(rule))) return undefined;
  return `the ${owner === undefined ? 'owner' : 'name'} of security group ${securityGroupId} is not known: EC2 does not list it. If it was deleted, remove the security group rule`;
}
