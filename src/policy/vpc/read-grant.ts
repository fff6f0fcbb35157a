import { isAccountId, isGoodText, isRegion, problemOf, type ReadGrant, TextReader } from '../written.ts';
import type { CacheGrant, VpcAccess } from './grant.ts';
import { isCacheName, isPort, isRuleId, isSecurityGroupId, LAST_PORT } from './names.ts';
import { type ReadSource, readVpcSource, type WrittenVpcSource } from './read-source.ts';
import type { CacheSource } from './source.ts';

/** Who reaches a cache, as someone wrote it. `publicEndpoint` is `true`, or `kind` is `internet`, for anyone on the internet. */
export interface WrittenCacheSource extends WrittenVpcSource {
  readonly publicEndpoint?: unknown;
  readonly kind?: unknown;
}

/** Who reaches which cache, as someone wrote it: on a command line, in a case. */
export interface WrittenVpcAccess {
  readonly account: unknown;
  readonly region: unknown;
  readonly cacheName: unknown;
  /** The other names of the cache; not there if it has none. */
  readonly clusterNames?: unknown;
  readonly ports: unknown;
  readonly source: WrittenCacheSource;
}

/** The values of a VPC grant as someone wrote them: in a report, in a decision. */
export interface WrittenVpcGrant extends WrittenVpcAccess {
  readonly securityGroupId: unknown;
  readonly securityGroupRuleId: unknown;
}

/**
 * Reads a VPC grant from the values someone wrote, in the form in which the policy compares them: the cache's name in lower
 * case, as ElastiCache stores it, ranges of addresses in their canonical form, owner ids without hyphens.
 *
 * @returns the grant, or every problem that keeps the values from being one. Never throws.
 */
export function readVpcGrant(written: WrittenVpcGrant): ReadGrant<CacheGrant> {
  const { grant: access, problems = [] } = readVpcAccess(written);
  const { securityGroupId, securityGroupRuleId } = written;
  if (isPublic(written.source)) {
    const hasNoRule = securityGroupId === undefined && securityGroupRuleId === undefined;
    if (access?.source.kind === 'internet' && hasNoRule) return { grant: { ...access, source: access.source } };
    return { problems: [...problems, ...(hasNoRule ? [] : [PUBLIC_WITH_RULE])] };
  }
  const hasGroup = isGoodText(securityGroupId, isSecurityGroupId);
  const hasRule = isGoodText(securityGroupRuleId, isRuleId);
  if (access !== undefined && access.source.kind !== 'internet' && hasGroup && hasRule) {
    const { source } = access;
    return { grant: { ...access, source, target: { ...access.target, securityGroupId, securityGroupRuleId } } };
  }
  return {
    problems: [
      ...problems,
      ...(hasGroup ? [] : [problemOf('securityGroupId', securityGroupId, 'the id of a security group')]),
      ...(hasRule ? [] : [problemOf('securityGroupRuleId', securityGroupRuleId, 'the id of a rule')]),
    ],
  };
}

const PUBLIC_WITH_RULE = 'a public endpoint has neither a securityGroupId nor a securityGroupRuleId';

/** The same without the security group rule: it is not needed to judge. */
export function readVpcAccess(written: WrittenVpcAccess): ReadGrant<VpcAccess> {
  const texts = new TextReader();
  const account = texts.read('account', written.account, isAccountId, '12 digits');
  const region = texts.read('region', written.region, isRegion, 'the name of an AWS region');
  const cacheName = texts
    .read('cacheName', written.cacheName, isCacheName, 'up to 255 letters, digits and hyphens')
    .toLowerCase();
  const clusterNames = readClusterNames(written.clusterNames, cacheName);
  const ports = readPorts(written.ports);
  const { problems } = texts;
  if (clusterNames === undefined) problems.push('clusterNames is not a list of names of caches');
  if (ports === undefined) problems.push(whyNoPorts(written.ports));
  const { source, problem } = readCacheSource(written.source);
  if (problem !== undefined) problems.push(problem);
  if (source === undefined || ports === undefined || clusterNames === undefined || problems.length > 0) {
    return { problems };
  }
  const names = { cacheName, ...(clusterNames.length > 0 && { clusterNames }) };
  return { grant: { kind: 'vpc', account, region, target: { ...names, ports }, source } };
}

/** In lower case, sorted, each once, without the name that they stand next to. */
function readClusterNames(written: unknown, cacheName: string): string[] | undefined {
  if (written === undefined) return [];
  if (!Array.isArray(written) || !written.every((name) => isGoodText(name, isCacheName))) return undefined;
  return [...new Set(written.map((name: string) => name.toLowerCase()))].filter((name) => name !== cacheName).sort();
}

/** Whether a source is meant to be anyone on the internet. */
function isPublic({ publicEndpoint, kind }: WrittenCacheSource): boolean {
  return kind === 'internet' || (publicEndpoint !== undefined && publicEndpoint !== null);
}

function readCacheSource(written: WrittenCacheSource): ReadSource<CacheSource> {
  const { publicEndpoint, kind: _, ...source } = written;
  if (!isPublic(written)) return readVpcSource(source);
  const others = Object.values(source).filter((one) => one !== undefined && one !== null);
  if (others.length > 0) return { problem: 'the source is said in several ways: a public endpoint, and another' };
  return publicEndpoint === undefined || publicEndpoint === true
    ? { source: { kind: 'internet' } }
    : { problem: problemOf('publicEndpoint', publicEndpoint, '`true`') };
}

/** In ascending order, each once. */
function readPorts(written: unknown): number[] | undefined {
  if (!Array.isArray(written) || written.length === 0 || !written.every(isPort)) return undefined;
  return [...new Set(written)].sort((a, b) => a - b);
}

function whyNoPorts(written: unknown): string {
  return written === undefined ? 'ports is missing' : `ports is not a list of numbers from 1 to ${LAST_PORT}`;
}
