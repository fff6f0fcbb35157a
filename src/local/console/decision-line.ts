import { classicKey, publicKey, ruleKey } from './evaluator.ts';
import type { Decided, PlaceId, SourceView, TrafficView } from './messages.ts';

const LONGEST_TEXT = 600;

/** A `decision` line that a function printed. */
export interface DecisionLine {
  readonly outcome: string;
  readonly why: string;
  /** CloudTrail's id of the event that it is about; of an audit's there is none. */
  readonly eventId?: string;
  /** Of the invocation that printed it. */
  readonly requestId: string;
  readonly functionName: string;
  readonly revocationRequestId?: string;
  /** Of the grant that it is about, if it is about one. */
  readonly decided?: Decided;
  /** What stands, or stood, for that grant: a rule, a public endpoint, a grant of a cache security group. */
  readonly key?: string;
  /** The line itself, read. */
  readonly raw: unknown;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * Reads a line that a function printed.
 *
 * @returns `undefined` if it is no `decision` line. Never throws: whatever a function prints, any part of it may be missing or be
 * something else.
 */
export function readDecisionLine(line: string): DecisionLine | undefined {
  if (!line.startsWith('{')) return undefined;
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    return undefined;
  }
  const read = valuesOf(raw);
  if (read.message !== 'decision' || typeof read.outcome !== 'string') return undefined;
  const eventId = textOf(read.eventId);
  const revocationRequestId = textOf(read.revocationRequestId);
  const why = whyOf(read);
  const outcome = textOf(read.outcome);
  return {
    outcome,
    why,
    ...(eventId && { eventId }),
    requestId: textOf(read.function_request_id),
    functionName: textOf(read.function_name),
    ...(revocationRequestId && { revocationRequestId }),
    ...grantOf(read, { outcome, why }),
    raw,
  };
}

function grantOf(
  { grant: written, securityGroupRule }: Values,
  reported: Pick<Decided, 'outcome' | 'why'>,
): Pick<DecisionLine, 'decided' | 'key'> {
  const grant = valuesOf(written);
  const [target, source] = [valuesOf(grant.target), valuesOf(grant.source)];
  const place: PlaceId = { account: textOf(grant.account), region: textOf(grant.region) };
  const cacheSecurityGroup = textOf(target.cacheSecurityGroupName);
  if (cacheSecurityGroup) {
    const [name, owner] = [textOf(source.ec2SecurityGroupName), textOf(source.ec2SecurityGroupOwnerId)];
    return {
      key: classicKey(place, cacheSecurityGroup, owner, name),
      decided: { ...place, ...reported, cacheSecurityGroup, source: { kind: 'security group', id: name, owner } },
    };
  }
  const name = textOf(target.cacheName);
  if (!name) return {};
  const cache = { name, ports: Array.isArray(target.ports) ? target.ports.filter(Number.isInteger) : [] };
  const [id, group] = [textOf(target.securityGroupRuleId), textOf(target.securityGroupId)];
  const text = trafficOf(securityGroupRule);
  const from = sourceOf(source);
  return {
    key: id ? ruleKey(place, id) : publicKey(place, name),
    decided: {
      ...place,
      ...reported,
      cache,
      ...(from && { source: from }),
      ...(id && { rule: { id, group } }),
      ...(text && { text }),
    },
  };
}

function sourceOf(source: Values): SourceView | undefined {
  const [name, owner] = [textOf(source.securityGroupName), textOf(source.securityGroupOwnerId)];
  switch (source.kind) {
    case 'cidr':
      return { kind: 'range', id: textOf(source.cidr) };
    case 'prefixList':
      return { kind: 'prefix list', id: textOf(source.prefixListId) };
    case 'securityGroup':
      return {
        kind: 'security group',
        id: textOf(source.securityGroupId),
        ...(name && { name }),
        ...(owner && { owner }),
      };
    default:
      return undefined;
  }
}

function trafficOf(written: unknown): TrafficView | undefined {
  const { ipProtocol, fromPort = -1, toPort = -1, description } = valuesOf(written);
  if (typeof ipProtocol !== 'string' || !Number.isInteger(fromPort) || !Number.isInteger(toPort)) return undefined;
  return {
    ipProtocol: textOf(ipProtocol),
    fromPort: fromPort as number,
    toPort: toPort as number,
    ...(typeof description === 'string' && { description: textOf(description) }),
  };
}

/** Why it has this outcome: what a person must know of it first. */
export function whyOf(answer: unknown): string {
  const { decision: written, problem, problems, reason, error } = valuesOf(answer);
  const decision = valuesOf(written);
  const reasons = Array.isArray(decision.reasons) ? decision.reasons.map((one) => textOf(valuesOf(one).text)) : [];
  const rule = textOf(decision.rule);
  const said = [
    textOf(problem),
    Array.isArray(problems) ? problems.map(textOf).join('; ') : '',
    rule && `allowlist rule \`${rule}\` allows it`,
    reasons[0] ?? '',
    textOf(reason),
    textOf(valuesOf(error).message),
  ];
  return said.find((text) => text !== '') ?? '';
}

function valuesOf(value: unknown): Values {
  return typeof value === 'object' && value !== null ? (value as Values) : {};
}

/** A text of no more than some length; of anything else, none. */
export function textOf(text: unknown): string {
  if (typeof text !== 'string') return '';
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text;
}
