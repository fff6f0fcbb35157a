/** The errors of the EC2 API that mean something to us, by what they mean. */
export type ApiErrorMeaning = 'gone' | 'there' | 'unknown-operation';

/**
 * The rule, or the security group that it was a rule of, is not there. EC2's documentation of its error codes writes `GroupId`
 * and `ID` in one way and in the other, so case does not matter here.
 */
const GONE = /^Invalid(SecurityGroupRuleId|SecurityGroupId|GroupId|Group|Permission)\.NotFound$/i;

/** What EC2 answers for an operation that it does not know, and what emulators answer for one that they do not have. */
const UNKNOWN_OPERATION = ['InvalidAction', 'UnknownOperation', 'NotImplemented'];

/**
 * What an error of the SDK means, or `undefined`. Its client for EC2 has no classes of errors: the name is the code on the
 * wire.
 */
export function meaningOf(error: unknown): ApiErrorMeaning | undefined {
  if (!(error instanceof Error)) return undefined;
  if (GONE.test(error.name)) return 'gone';
  if (UNKNOWN_OPERATION.includes(error.name)) return 'unknown-operation';
  return error.name === 'InvalidPermission.Duplicate' ? 'there' : undefined;
}
