import type { MadeBy } from '../policy/made-by.ts';
import { describeCall } from './call-record.ts';
import { readRecord, whyIgnored } from './delivered-record.ts';
import { readRulesCall } from './security-group-rules-call.ts';

const CALLS = ['AuthorizeSecurityGroupIngress', 'ModifySecurityGroupRules'] as const;

/**
 * Reads a record of CloudTrail for who made or edited which security group rules.
 *
 * @param text one `CloudTrailEvent` of what LookupEvents answers: a record as JSON. Others wrote its values.
 * @returns nothing for any other call, for one that failed, and for what is no such record: to know nothing is no error here.
 */
export function readMadeBy(
  text: string,
): { readonly securityGroupRuleIds: readonly string[]; readonly madeBy: MadeBy } | undefined {
  const delivered = readRecord(parse(text));
  if (delivered === undefined) return undefined;
  const eventName = CALLS.find((name) => whyIgnored(delivered, { eventName: name, service: 'ec2' }) === undefined);
  if (eventName === undefined || delivered.record.eventName !== eventName) return undefined;
  const read = readRulesCall(delivered.record, eventName, []);
  if ('ignored' in read) return undefined;
  const { eventId, eventTime, grantedBy } = describeCall(delivered);
  return {
    securityGroupRuleIds: read.securityGroupRuleIds,
    madeBy: {
      eventName,
      ...(eventId !== undefined && { eventId }),
      ...(eventTime !== undefined && { eventTime: eventTime.toISOString() }),
      grantedBy,
    },
  };
}

/** What is no JSON says nothing. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
