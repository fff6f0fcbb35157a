import { readCidr, writeCidr } from './cidr.ts';
import {
  ACCOUNT,
  isRegion,
  normalizeOwnerId,
  problemOf,
  quote,
  REDACTED,
  type ReadGrant,
  type VpcGrant,
  type VpcReach,
  type VpcSource,
} from './grant.ts';
import { isCacheName, isPort, isPrefixListId, isRuleId, isSecurityGroupId, LAST_PORT } from './vpc-names.ts';

/** Who reaches which cache, as somebody wrote it: on a command line, in a case. */
export interface WrittenVpcReach {
  readonly account: unknown;
  readonly region: unknown;
  readonly cacheName: unknown;
  readonly ports: unknown;
  readonly source: WrittenVpcSource;
}

/** The values of a VPC grant as somebody wrote them: in a report, in a decision. */
export interface WrittenVpcGrant extends WrittenVpcReach {
  readonly securityGroupId: unknown;
  readonly securityGroupRuleId: unknown;
}

/** Whom a rule lets in, as somebody wrote it: one of the three must be there, and an owner only with a security group. */
export interface WrittenVpcSource {
  readonly cidr?: unknown;
  readonly prefixListId?: unknown;
  readonly securityGroupId?: unknown;
  readonly securityGroupOwnerId?: unknown;
}

/**
 * Reads a VPC grant from the values somebody wrote, in the form in which the policy compares them: the cache's name in lower
 * case, as ElastiCache stores it, ranges of addresses in their canonical form, owner ids without hyphens.
 *
 * @returns the grant, or every problem that keeps the values from being one. Never throws.
 */
export function readVpcGrant(written: WrittenVpcGrant): ReadGrant<VpcGrant> {
  const { grant: reach, problems = [] } = readVpcReach(written);
  const { securityGroupId, securityGroupRuleId } = written;
  const hasGroup = isText(securityGroupId, isSecurityGroupId);
  const hasRule = isText(securityGroupRuleId, isRuleId);
  if (reach !== undefined && hasGroup && hasRule) {
    return { grant: { ...reach, target: { ...reach.target, securityGroupId, securityGroupRuleId } } };
  }
  return {
    problems: [
      ...problems,
      ...(hasGroup ? [] : [problemOf('securityGroupId', securityGroupId, 'the id of a security group')]),
      ...(hasRule ? [] : [problemOf('securityGroupRuleId', securityGroupRuleId, 'the id of a rule')]),
    ],
  };
}

/** The same without the rule: it is not needed to judge. */
export function readVpcReach(written: WrittenVpcReach): ReadGrant<VpcReach> {
  const problems: string[] = [];
  const text = (part: string, value: unknown, expected: string, isGood: (text: string) => boolean): string => {
    if (isText(value, isGood)) return value;
    problems.push(problemOf(part, value, expected));
    return '';
  };
  const account = text('account', written.account, '12 digits', (value) => ACCOUNT.test(value));
  const region = text('region', written.region, 'the name of an AWS region', isRegion);
  const cacheName = text(
    'cacheName',
    written.cacheName,
    'up to 255 letters, digits and hyphens',
    isCacheName,
  ).toLowerCase();
  const ports = readPorts(written.ports);
  if (ports === undefined) problems.push(whyNoPorts(written.ports));
  const { source, problem } = readVpcSource(written.source);
  if (problem !== undefined) problems.push(problem);
  if (source === undefined || ports === undefined || problems.length > 0) return { problems };
  return { grant: { account, region, target: { cacheName, ports }, source } };
}

function isText(value: unknown, isGood: (text: string) => boolean): value is string {
  return typeof value === 'string' && value !== REDACTED && isGood(value);
}

/** Whom a rule lets in, or why that cannot be told. Nothing is judged by half of it. */
export function readVpcSource({
  cidr,
  prefixListId,
  securityGroupId,
  securityGroupOwnerId,
}: WrittenVpcSource):
  | { readonly source: VpcSource; readonly problem?: never }
  | { readonly source?: never; readonly problem: string } {
  const said = [cidr, prefixListId, securityGroupId].filter((one) => one !== undefined && one !== null);
  if (said.length !== 1) {
    return {
      problem: `the source is ${said.length === 0 ? 'missing' : 'said in several ways'}: one of a CIDR, a prefix list and a security group`,
    };
  }
  if (cidr !== undefined && cidr !== null) {
    const range = readCidr(cidr);
    return range
      ? { source: { cidr: writeCidr(range) } }
      : { problem: problemOf('cidr', cidr, 'a range of addresses, such as 10.0.0.0/16') };
  }
  if (prefixListId !== undefined && prefixListId !== null) {
    return typeof prefixListId === 'string' && isPrefixListId(prefixListId)
      ? { source: { prefixListId } }
      : { problem: problemOf('prefixListId', prefixListId, 'the id of a prefix list') };
  }
  if (typeof securityGroupId !== 'string' || !isSecurityGroupId(securityGroupId)) {
    return { problem: problemOf("the source's securityGroupId", securityGroupId, 'the id of a security group') };
  }
  if (securityGroupOwnerId === undefined || securityGroupOwnerId === null) return { source: { securityGroupId } };
  const owner = normalizeOwnerId(securityGroupOwnerId);
  return owner === undefined
    ? { problem: `the source's securityGroupOwnerId ${quote(securityGroupOwnerId)} is not 12 digits` }
    : { source: { securityGroupId, securityGroupOwnerId: owner } };
}

/** In ascending order, each once. */
function readPorts(written: unknown): number[] | undefined {
  if (!Array.isArray(written) || written.length === 0 || !written.every(isPort)) return undefined;
  return [...new Set(written)].sort((a, b) => a - b);
}

function whyNoPorts(written: unknown): string {
  return written === undefined ? 'ports is missing' : `ports is not a list of numbers from 1 to ${LAST_PORT}`;
}
