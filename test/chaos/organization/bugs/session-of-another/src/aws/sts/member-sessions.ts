import type { HowToAssume, MemberSessions } from '../../../../../../../../src/aws/sts/member-sessions.ts';
import { memberSessions as right } from '../../../../../../../../src/aws/sts/member-sessions.ts';

/** Keeps the first session that it had, and uses it for every account. */
export function memberSessions(how: HowToAssume): MemberSessions {
  const sessions = right(how);
  let first: ReturnType<MemberSessions['read']> | undefined;
  return {
    ...sessions,
    read(account) {
      first ??= sessions.read(account);
      return first;
    },
  };
}
