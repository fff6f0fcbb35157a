/** The call that made a security group rule, or that edited it last, as CloudTrail has it. */
export interface MadeBy {
  readonly eventName: 'AuthorizeSecurityGroupIngress' | 'ModifySecurityGroupRules';
  readonly eventId?: string;
  /** ISO 8601, in UTC. */
  readonly eventTime?: string;
  /** Who called, as far as CloudTrail says it. */
  readonly grantedBy: {
    readonly type?: string;
    readonly arn?: string;
    readonly accountId?: string;
    readonly principalId?: string;
    readonly invokedBy?: string;
    readonly sourceIPAddress?: string;
    readonly userAgent?: string;
  };
}
