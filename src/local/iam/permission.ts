import { ApiError } from '../api-error.ts';
import type { Caller } from './caller.ts';
import type { Policy, Question } from './policy.ts';

/** What a caller asks for. */
export type Asked = Pick<Question, 'action' | 'resource' | 'context'>;

/**
 * Whether the role of a session, and the session itself, allow a call. The account's own user may do everything.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 * @throws {ApiError} AccessDenied, in the words of "Troubleshoot access denied error messages" of the IAM User Guide.
 */
export function checkPermission(caller: Caller, asked: Asked): void {
  const { session } = caller;
  if (session === undefined) return;
  const { role, policy } = session;
  if (role.policies !== undefined) check(caller, asked, role.policies, 'identity-based');
  if (policy !== undefined) check(caller, asked, [policy], 'session');
}

function check(caller: Caller, asked: Asked, policies: readonly Policy[], kind: string): void {
  const answers = policies.map((policy) => policy(asked));
  if (answers.includes('explicit deny')) {
    throw denied(caller, asked, `with an explicit deny in ${kind === 'session' ? 'a' : 'an'} ${kind} policy`);
  }
  if (!answers.includes('allow')) {
    throw denied(caller, asked, `because no ${kind} policy allows the ${asked.action} action`);
  }
}

/** As AWS says it: who may not do what to what, and mostly why. */
export function denied(
  { arn }: Pick<Caller, 'arn'>,
  { action, resource }: Omit<Asked, 'context'>,
  why?: string,
): ApiError {
  const message = `User: ${arn} is not authorized to perform: ${action} on resource: ${resource}`;
  return new ApiError('AccessDenied', why === undefined ? message : `${message} ${why}`, 403);
}
