import { describeUnknownUnits } from '../account-paths.ts';
import type { CompiledAllowlist } from '../compile-allowlist.ts';
import { timeOf } from '../instant.ts';
import type { ClassicGrant } from './grant.ts';
import { ClassicQuestion } from './question.ts';

/**
 * Why a denied grant of a cache security group must not be acted on: an allowlist rule could allow it, depending on the organizational
 * units of its account, which are not known.
 *
 * @returns a clause; `undefined` if the denial depends on nothing unknown.
 * @throws {RangeError} if the instant is an invalid date.
 */
export function whyClassicUnknown(
  grant: ClassicGrant,
  allowlist: CompiledAllowlist,
  instant: Date,
): string | undefined {
  const rule = new ClassicQuestion(grant, allowlist, timeOf(instant)).decidedByAccountPath();
  return rule && describeUnknownUnits(grant.account, rule.id);
}
