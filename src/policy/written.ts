import { quote } from './quote.ts';

/** A grant that was read from values that someone wrote, or every problem that keeps these from being one. */
export type ReadGrant<OneGrant> =
  | { readonly grant: OneGrant; readonly problems?: never }
  | { readonly grant?: never; readonly problems: readonly string[] };

const ACCOUNT = /^[0-9]{12}$/;
// Also the names of partitions yet to come: eusc-de-east-1, us-iso-east-1. It becomes part of a host name, so nothing
// but this may pass.
const REGION = /^[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}$/;
/** What CloudTrail writes where it hides a value. It would pass for an EC2 security group's name. */
const REDACTED = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** Whether a value is a text that CloudTrail has not hidden and that is good. */
export function isGoodText(value: unknown, isGood: (text: string) => boolean): value is string {
  return typeof value === 'string' && value !== REDACTED && isGood(value);
}

/** Reads texts one by one, and collects what is wrong with them. A text with a problem is read as the empty one. */
export class TextReader {
  readonly problems: string[] = [];

  read(part: string, value: unknown, isGood: (text: string) => boolean, expected: string): string {
    if (isGoodText(value, isGood)) return value;
    this.problems.push(problemOf(part, value, expected));
    return '';
  }
}

/** Whether a text is the id of an account. */
export function isAccountId(text: string): boolean {
  return ACCOUNT.test(text);
}

/** Whether a text could be the name of an AWS region. */
export function isRegion(text: string): boolean {
  return REGION.test(text);
}

/** What is wrong with a value of a grant, for a person. */
export function problemOf(part: string, value: unknown, expected: string): string {
  if (value === undefined || value === null) return `${part} is missing`;
  return value === REDACTED ? `${part} is hidden by CloudTrail` : `${part} ${quote(value)} is not ${expected}`;
}

/** An owner id as 12 digits without hyphens, leading zeros kept; `undefined` if it is not one (a number never is). */
export function normalizeOwnerId(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 32) return undefined;
  const digits = value.replaceAll('-', '');
  return isAccountId(digits) ? digits : undefined;
}

/** Owner or account ids of an allowlist rule without hyphens; `self` and `*` as they are. */
export function normalizeIds(ids: readonly string[]): readonly string[] {
  return ids.some((id) => id.includes('-')) ? ids.map((id) => normalizeOwnerId(id) ?? id) : ids;
}
