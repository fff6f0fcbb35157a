import type { Policy } from './policy.ts';

/** Who makes a call. */
export interface Caller {
  /** 12 digits: whose resources the call is about. */
  readonly accountId: string;
  /** `arn:aws:iam::…:user/…`, or of a session `arn:aws:sts::…:assumed-role/…/…`. */
  readonly arn: string;
  /** `AIDA…`, or of a session `AROA…:NAME`. */
  readonly userId: string;
  /** As `aws:PrincipalArn` has it: of a session the ARN of its role. */
  readonly principalArn: string;
  readonly accessKeyId?: string;
  /** Not there for the account's own user, who may do everything. */
  readonly session?: Session;
}

/** A role that someone assumed. */
export interface Session {
  readonly role: Role;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Narrows what the role may do. */
  readonly policy?: Policy;
}

/** A role of an account. */
export interface Role {
  readonly accountId: string;
  readonly name: string;
  readonly arn: string;
  /** `AROA…` */
  readonly id: string;
  readonly trust: Policy;
  /** What it may do. Not there: everything. */
  readonly policies?: readonly Policy[];
  readonly maxSessionSeconds: number;
}

/** The one user of an account, whom every good signature with the account's own key is of. */
export function userOf(accountId: string, accessKeyId?: string): Caller {
  const arn = `arn:aws:iam::${accountId}:user/local`;
  const user = { accountId, arn, userId: 'AIDALOCALAWSLOCALAWS0', principalArn: arn };
  return accessKeyId === undefined ? user : { ...user, accessKeyId };
}

/**
 * `userIdentity` of a CloudTrail record.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export function toUserIdentity({ accountId, arn, userId, accessKeyId, session }: Caller): object {
  const who = { principalId: userId, arn, accountId, ...(accessKeyId !== undefined && { accessKeyId }) };
  if (session === undefined) return { type: 'IAMUser', ...who, userName: 'local' };
  const { role, issuedAt } = session;
  return {
    type: 'AssumedRole',
    ...who,
    sessionContext: {
      sessionIssuer: { type: 'Role', principalId: role.id, arn: role.arn, accountId, userName: role.name },
      attributes: { creationDate: `${new Date(issuedAt).toISOString().slice(0, 19)}Z`, mfaAuthenticated: 'false' },
    },
  };
}
