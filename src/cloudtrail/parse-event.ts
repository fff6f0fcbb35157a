import { type ClassicGrant, readClassicGrant } from '../policy/classic/grant.ts';
import { quote } from '../policy/quote.ts';
import { type CallRecord, describeCall, NO_CALL } from './call-record.ts';
import {
  agreed,
  type DeliveredRecord,
  isHeartbeat,
  isNothing,
  membersOf,
  NOT_A_RECORD,
  NOT_AN_EVENT,
  problemsOf,
  readEvent,
  readRecord,
  whyIgnored,
} from './delivered-record.ts';

/** What an event turned out to be. Every input, whatever it is, is one of these. */
export type ParsedEvent =
  | { readonly kind: 'grant'; readonly grant: ClassicGrant; readonly call: CallRecord }
  | { readonly kind: 'heartbeat'; readonly grant: ClassicGrant; readonly call: CallRecord }
  | { readonly kind: 'ignored'; readonly reason: string; readonly call: CallRecord }
  | { readonly kind: 'rejected'; readonly problems: readonly string[]; readonly call: CallRecord };

const AUTHORIZE = { eventName: 'AuthorizeCacheSecurityGroupIngress', service: 'elasticache' };

const REQUEST = [
  'cacheSecurityGroupName',
  'CacheSecurityGroupName',
  // CloudTrail lowers only the first letter of a parameter's name: eC2SecurityGroupName, as seen in sibling calls
  // (aZMode, dBInstanceIdentifier, cIDRIP). No record of this call was seen, so the other spellings are read too.
  'eC2SecurityGroupName',
  'ec2SecurityGroupName',
  'EC2SecurityGroupName',
  'eC2SecurityGroupOwnerId',
  'ec2SecurityGroupOwnerId',
  'EC2SecurityGroupOwnerId',
] as const;
const RESPONSE = ['cacheSecurityGroupName', 'ownerId'] as const;

/**
 * Reads the event that EventBridge delivers for a call that CloudTrail recorded.
 *
 * - `grant`: a successful AuthorizeCacheSecurityGroupIngress.
 * - `heartbeat`: the synthetic event that proves that events come through; judged, and nothing more.
 * - `ignored`: surely something else: another call, or one that failed. A failed call changed nothing.
 * - `rejected`: such a call, or one that cannot be recognised, malformed or contradicting itself. Nothing may be judged
 *   by it and it must not get lost.
 *
 * Never throws on anything that JSON can hold, and reads only members that are named here. The shape is put together from
 * AWS's records of sibling calls, since no public record of this call was found.
 */
export function parseEvent(event: unknown): ParsedEvent {
  const delivered = readEvent(event);
  return delivered === undefined
    ? { kind: 'rejected', problems: [NOT_AN_EVENT], call: NO_CALL }
    : parseDelivered(delivered);
}

/** The same for a bare CloudTrail record, as log files and `lookup-events` hold them. */
export function parseRecord(record: unknown): ParsedEvent {
  const delivered = readRecord(record);
  return delivered === undefined
    ? { kind: 'rejected', problems: [NOT_A_RECORD], call: NO_CALL }
    : parseDelivered(delivered);
}

function parseDelivered(delivered: DeliveredRecord): ParsedEvent {
  const { record, envelope } = delivered;
  const call = describeCall(delivered);
  const ignored = whyIgnored(delivered, AUTHORIZE);
  if (ignored !== undefined) return { kind: 'ignored', reason: ignored, call };

  const problems = problemsOf(delivered, AUTHORIZE);
  const request = membersOf(record.requestParameters, REQUEST);
  if (request === undefined) {
    problems.push(`requestParameters is ${quote(record.requestParameters)}: it does not say what was granted`);
    return { kind: 'rejected', problems, call };
  }
  const response = membersOf(record.responseElements, RESPONSE);
  if (response === undefined && !isNothing(record.responseElements)) {
    problems.push(`responseElements is ${quote(record.responseElements)} where a cache security group is expected`);
  }
  const read = readClassicGrant({
    account: agreed(problems, 'the account', [record.recipientAccountId, envelope?.account, response?.ownerId]),
    region: agreed(problems, 'the region', [record.awsRegion, envelope?.region]),
    cacheSecurityGroupName: agreed(problems, 'cacheSecurityGroupName', [
      request.cacheSecurityGroupName,
      request.CacheSecurityGroupName,
    ]),
    ec2SecurityGroupName: agreed(problems, 'ec2SecurityGroupName', [
      request.eC2SecurityGroupName,
      request.ec2SecurityGroupName,
      request.EC2SecurityGroupName,
    ]),
    ec2SecurityGroupOwnerId: agreed(problems, 'ec2SecurityGroupOwnerId', [
      request.eC2SecurityGroupOwnerId,
      request.ec2SecurityGroupOwnerId,
      request.EC2SecurityGroupOwnerId,
    ]),
  });
  problems.push(...(read.problems ?? []));
  const answered = response?.cacheSecurityGroupName;
  if (read.grant !== undefined && !isNothing(answered) && answered !== read.grant.target.cacheSecurityGroupName) {
    problems.push(
      `the request names cache security group ${quote(read.grant.target.cacheSecurityGroupName)}, the response ${quote(answered)}`,
    );
  }
  if (read.grant === undefined || problems.length > 0) return { kind: 'rejected', problems, call };
  return { kind: isHeartbeat(delivered) ? 'heartbeat' : 'grant', grant: read.grant, call };
}
