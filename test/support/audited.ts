import type { HowToAudit, ListedPage } from '../../src/enforcement/audit-grants.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { ClassicGrant } from '../../src/policy/grant.ts';
import { ACCOUNT, REGION, STRANGER } from './grants.ts';
import { fakeCalls } from './security-groups.ts';

/** Lets `web` of the account itself into `sessions`, and nobody else. */
export const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [{ id: 'web-to-sessions', cacheSecurityGroups: ['sessions'], ec2SecurityGroups: ['web'], ownerIds: ['self'] }],
});

export const NOW = new Date('2026-11-23T12:00:00Z');

type Listed = ListedPage['grants'][number];

/** A grant that the allowlist allows. */
export const allowed = (region = REGION, status = 'authorized'): Listed => listed(ACCOUNT, 'web', region, status);

/** A grant of a stranger, which no rule allows. */
export const denied = (ec2SecurityGroupName = 'web', region = REGION, status = 'authorized'): Listed =>
  listed(STRANGER, ec2SecurityGroupName, region, status);

/** So many different grants that no rule allows. */
export const manyDenied = (count: number, region = REGION): Listed[] =>
  Array.from({ length: count }, (_, index) => denied(`web-${index}`, region));

function listed(ec2SecurityGroupOwnerId: string, ec2SecurityGroupName: string, region: string, status: string): Listed {
  const grant: ClassicGrant = {
    account: ACCOUNT,
    region,
    target: { cacheSecurityGroupName: 'sessions' },
    source: { ec2SecurityGroupName, ec2SecurityGroupOwnerId },
  };
  return { grant, status };
}

/** A page with one cache security group that has these grants. */
export function pageOf(...grants: readonly Listed[]): ListedPage {
  return { cacheSecurityGroups: 1, grants };
}

/** What a region lists: its pages in turn; an error among them is thrown in its place. */
export async function* pages(...all: readonly (ListedPage | Error)[]): AsyncGenerator<ListedPage> {
  for (const page of all) {
    if (page instanceof Error) throw page;
    yield page;
  }
}

/** An error by which `howTo` knows that a region is not applicable. */
export class NoEc2Classic extends Error {
  override name = 'InvalidParameterValue';
}

/** How to audit one region that lists these grants on a page, in mode enforce, where every revocation is accepted. */
export function howTo(
  grants: readonly Listed[],
  changes: Partial<HowToAudit> = {},
): HowToAudit & { readonly revoked: readonly ClassicGrant[] } {
  const revoked: ClassicGrant[] = [];
  const revoke = changes.revoke ?? (async () => ({ result: 'revoked', requestId: 'request-1' }) as const);
  return {
    regions: [REGION],
    listGrants: () => pages(pageOf(...grants)),
    ...fakeCalls({ caches: [] }).calls,
    shared: 'hold',
    isNotApplicable: (error) => error instanceof NoEc2Classic,
    allowlist,
    mode: 'enforce',
    maxRevocations: 10,
    now: () => NOW,
    ...changes,
    revoke: (grant) => {
      revoked.push(grant);
      return revoke(grant);
    },
    revoked,
  };
}
