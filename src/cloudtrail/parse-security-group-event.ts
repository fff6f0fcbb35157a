import { isCacheName, isPrefixListId, isSecurityGroupId } from '../policy/vpc/names.ts';
import { isAccountId, isRegion, problemOf } from '../policy/written.ts';
import { type Attaching, CACHE_KINDS, readAttachmentCall } from './attachment-call.ts';
import { type CallRecord, describeCall, NO_CALL } from './call-record.ts';
import {
  agreed,
  type DeliveredRecord,
  type ExpectedCall,
  isHeartbeat,
  membersOf,
  NOT_A_RECORD,
  NOT_AN_EVENT,
  problemsOf,
  readEvent,
  readRecord,
  whyIgnored,
} from './delivered-record.ts';
import { readPrefixListId } from './prefix-list-call.ts';
import { readRulesCall } from './security-group-rules-call.ts';

/** What an event turned out to be. Every input, whatever it is, is one of these. */
export type ParsedSecurityGroupEvent =
  | SecurityGroupRulesEvent
  | AttachmentEvent
  | PrefixListEvent
  | ({ readonly kind: 'heartbeat' } & Heartbeat)
  /** A real call, which failed, as it has to. */
  | ({ readonly kind: 'callHeartbeat' } & Heartbeat)
  | { readonly kind: 'ignored'; readonly reason: string; readonly call: CallRecord }
  | { readonly kind: 'rejected'; readonly problems: readonly string[]; readonly call: CallRecord };

interface Heartbeat {
  readonly account: string;
  readonly region: string;
  readonly securityGroupId: string;
  readonly call: CallRecord;
}

/** Rules of a security group were made or edited. What they say now, EC2 knows. */
export interface SecurityGroupRulesEvent {
  readonly kind: 'rules';
  readonly account: string;
  readonly region: string;
  readonly securityGroupId: string;
  /** Which rules; empty if the event does not say which, so that it may be any of the group. */
  readonly securityGroupRuleIds: readonly string[];
  readonly call: CallRecord;
}

/** A cache was created, or is guarded by other security groups from now on. */
export interface AttachmentEvent {
  readonly kind: 'attachment';
  readonly account: string;
  readonly region: string;
  /** Of the replication group, if the event says that the cache belongs to one. In lower case. */
  readonly cacheName: string;
  /** All that the event names; empty if it does not say which guard the cache. */
  readonly securityGroupIds: readonly string[];
  readonly call: CallRecord;
}

/** The entries of a managed prefix list changed. */
export interface PrefixListEvent {
  readonly kind: 'prefixList';
  readonly account: string;
  readonly region: string;
  readonly prefixListId: string;
  readonly call: CallRecord;
}

interface KnownCall extends ExpectedCall {
  /** What it does to which kind of cache; nothing for one that makes or edits rules. */
  readonly attaches?: Attaching;
  /** Whether it changes what a prefix list holds. */
  readonly changesPrefixList?: true;
}

const AUTHORIZE: KnownCall = { eventName: 'AuthorizeSecurityGroupIngress', service: 'ec2' };
const MODIFY_RULES: KnownCall = { eventName: 'ModifySecurityGroupRules', service: 'ec2' };
const PREFIX_LIST_CALLS = ['ModifyManagedPrefixList', 'RestoreManagedPrefixListVersion'].map(
  (eventName): KnownCall => ({ eventName, service: 'ec2', changesPrefixList: true }),
);
const ATTACHING_CALLS = CACHE_KINDS.flatMap((kind): KnownCall[] => [
  { eventName: `Create${kind}`, service: 'elasticache', attaches: { kind, creates: true } },
  { eventName: `Modify${kind}`, service: 'elasticache', attaches: { kind, creates: false } },
]);
const CALLS: ReadonlyMap<unknown, KnownCall> = new Map(
  [AUTHORIZE, MODIFY_RULES, ...PREFIX_LIST_CALLS, ...ATTACHING_CALLS].map((call) => [call.eventName, call]),
);

/** Whether a call of this name can change who may reach a cache by a VPC security group. */
export function isSecurityGroupCall(eventName: unknown): boolean {
  return CALLS.has(eventName);
}

/**
 * Reads the event that EventBridge delivers for a call that CloudTrail recorded, if the call can have opened a cache through
 * its VPC security groups.
 *
 * - `rules`: a successful AuthorizeSecurityGroupIngress or ModifySecurityGroupRules.
 * - `attachment`: a cache was created, or was given other security groups.
 * - `prefixList`: the entries of a managed prefix list changed, by ModifyManagedPrefixList or RestoreManagedPrefixListVersion.
 * - `heartbeat`: the synthetic event that proves that events come through; it is never acted on.
 * - `callHeartbeat`: the failed call that proves that CloudTrail delivers; it is never acted on either.
 * - `ignored`: surely something else: another call, one that failed, one that concerns egress rules, or no security group.
 * - `rejected`: such a call, or one that cannot be recognised, malformed or contradicting itself. It must not get lost.
 *
 * The event is a pointer and no more: of what a rule says, nothing is read. So what is unknown or was left out does no
 * harm, and ids, account and region are all that must be right. Never throws on anything that JSON can hold.
 */
export function parseSecurityGroupEvent(event: unknown): ParsedSecurityGroupEvent {
  const delivered = readEvent(event);
  return delivered === undefined ? rejected([NOT_AN_EVENT], NO_CALL) : parseDelivered(delivered);
}

/** The same for a bare CloudTrail record, as log files and `lookup-events` hold them. */
export function parseSecurityGroupRecord(record: unknown): ParsedSecurityGroupEvent {
  const delivered = readRecord(record);
  return delivered === undefined ? rejected([NOT_A_RECORD], NO_CALL) : parseDelivered(delivered);
}

function parseDelivered(delivered: DeliveredRecord): ParsedSecurityGroupEvent {
  const { record, envelope } = delivered;
  const call = describeCall(delivered);
  const expected = CALLS.get(record.eventName) ?? AUTHORIZE;
  const reason = whyIgnored(delivered, expected);
  const isCall = isCallHeartbeat(delivered);
  if (reason !== undefined && !isCall) return { kind: 'ignored', reason, call };

  const problems = isCall ? [] : problemsOf(delivered, expected);
  // Anybody can send one, and only of this call it is known to be nothing else.
  if (isHeartbeat(delivered) && expected !== AUTHORIZE) {
    problems.push(`a heartbeat is an ${AUTHORIZE.eventName}, and no ${expected.eventName}`);
  }
  const text = (part: string, value: unknown, described: string, isGood: (text: string) => boolean): string => {
    if (typeof value === 'string' && isGood(value)) return value;
    problems.push(problemOf(part, value, described));
    return '';
  };
  const place = (owners: readonly unknown[] = []) => ({
    account: text(
      'account',
      agreed(problems, 'the account', [record.recipientAccountId, envelope?.account, ...owners]),
      '12 digits',
      (value) => isAccountId(value),
    ),
    region: text(
      'region',
      agreed(problems, 'the region', [record.awsRegion, envelope?.region]),
      'the name of an AWS region',
      isRegion,
    ),
  });
  const unless = (event: ParsedSecurityGroupEvent) => (problems.length > 0 ? rejected(problems, call) : event);

  if (isCall) return unless({ kind: 'callHeartbeat', ...place(), securityGroupId: NO_GROUP, call });
  if (expected.attaches !== undefined) {
    const read = readAttachmentCall(record, expected.attaches, problems);
    if ('ignored' in read) return unless({ kind: 'ignored', reason: read.ignored, call });
    const { securityGroupIds, port, isPublic } = read;
    const cacheName = text('cacheName', read.cacheName, 'up to 255 letters, digits and hyphens', isCacheName);
    const chosen = { ...(port !== undefined && { port }), ...(isPublic && { isPublic }) };
    return unless({ kind: 'attachment', ...place(), cacheName, securityGroupIds, ...chosen, call });
  }
  if (expected.changesPrefixList) {
    const written = readPrefixListId(record, expected.eventName, problems);
    const prefixListId = text('prefixListId', written, 'the id of a prefix list', isPrefixListId);
    return unless({ kind: 'prefixList', ...place(), prefixListId, call });
  }
  const read = readRulesCall(record, expected.eventName, problems);
  if ('ignored' in read) return unless({ kind: 'ignored', reason: read.ignored, call });
  const { owners, securityGroupRuleIds } = read;
  const described = 'the id of a security group';
  const securityGroupId = text('securityGroupId', read.securityGroupId, described, isSecurityGroupId);
  const told = { ...place(owners), securityGroupId, call };
  return unless(
    isHeartbeat(delivered) ? { kind: 'heartbeat', ...told } : { kind: 'rules', ...told, securityGroupRuleIds },
  );
}

/** No security group has this id. serverless.yml, CloudTrailHeartbeat. */
const NO_GROUP = 'sg-00000000000000000';

/** Whether AWS delivered the failed call of our own schedule. Out of a log file, it is a failed call as any. */
function isCallHeartbeat({ record, envelope }: DeliveredRecord): boolean {
  const { groupId } = membersOf(record.requestParameters, ['groupId']) ?? {};
  return (
    envelope?.source === 'aws.ec2' &&
    record.eventName === AUTHORIZE.eventName &&
    record.errorCode === 'Client.InvalidGroup.NotFound' &&
    groupId === NO_GROUP
  );
}

function rejected(problems: readonly string[], call: CallRecord): ParsedSecurityGroupEvent {
  return { kind: 'rejected', problems, call };
}
