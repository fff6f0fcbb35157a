import { answer } from '../answer.ts';
import type { CompiledAllowlist } from '../compile-allowlist.ts';
import type { Decision } from '../decision.ts';
import { timeOf } from '../instant.ts';
import type { ClassicGrant } from './grant.ts';
import { ClassicQuestion } from './question.ts';

/**
 * `decide`, for a grant of a cache security group. What judges nothing else imports it from here: to load what reads ranges of
 * addresses takes some 2 ms of a cold start.
 */
export function decideClassicGrant(grant: ClassicGrant, allowlist: CompiledAllowlist, instant: Date): Decision {
  return answer(new ClassicQuestion(grant, allowlist, timeOf(instant)));
}
