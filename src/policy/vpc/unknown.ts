import { describeUnknownUnits } from '../account-paths.ts';
import { firstAllowing } from '../answer.ts';
import type { CompiledAllowlist } from '../compile-allowlist.ts';
import { timeOf } from '../instant.ts';
import type { VpcAccess } from './grant.ts';
import { VpcQuestion } from './question.ts';

/**
 * Why a denied grant must not be acted on: an allowlist rule could allow it, depending on something that is not known. That is the
 * organizational units of its account; or, of its security group, the owner, or the name of a group of the account itself: EC2 does
 * not list the group, because it is a few seconds old, or because it may not be asked. Entries of a prefix list are another matter:
 * see `dependsOnEntries`.
 *
 * A group of another account has a name that can never be looked up. That is known, and so it is denied.
 *
 * @returns a clause; `undefined` if the denial depends on nothing unknown.
 * @throws {RangeError} if the instant is an invalid date.
 */
export function whyUnknown(grant: VpcAccess, allowlist: CompiledAllowlist, instant: Date): string | undefined {
  const { account, source } = grant;
  const decided = new VpcQuestion(grant, allowlist, timeOf(instant)).decidedByUnknown();
  if (decided === undefined || decided.parts.includes('prefixList')) return undefined;
  if (decided.parts.includes('account')) return describeUnknownUnits(account, decided.rule.id);
  if (source.kind !== 'securityGroup') return undefined;
  const { securityGroupId, securityGroupOwnerId } = source;
  return `the ${securityGroupOwnerId === undefined ? 'owner' : 'name'} of security group ${securityGroupId} is not known: EC2 does not list it. If it was deleted, remove the security group rule`;
}

/**
 * The id of the first allowlist rule that allows a grant, or that may, depending on something unknown. Who must not cut off what
 * is allowed asks this, and not `decide`.
 *
 * @throws {RangeError} if the instant is an invalid date.
 */
export function ruleThatMayAllow(grant: VpcAccess, allowlist: CompiledAllowlist, instant: Date): string | undefined {
  const question = new VpcQuestion(grant, allowlist, timeOf(instant));
  return (firstAllowing(question) ?? question.decidedByUnknown()?.rule)?.id;
}
