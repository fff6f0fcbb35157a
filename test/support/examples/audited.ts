import type { HowToAudit } from '../../../src/enforcement/audit.ts';
import type { ListedPage, Revoked, VpcPorts } from '../../../src/enforcement/ports.ts';
import type { ClassicGrant } from '../../../src/policy/classic/grant.ts';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import { ACCOUNT, REGION, STRANGER } from './grants.ts';
import { fakeCalls } from './security-groups.ts';
import { toRevoke } from './to-revoke.ts';
import { UNHURRIED_AUDIT } from './unhurried.ts';

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
    kind: 'classic',
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

/** What a place lists: its pages in turn; an error among them is thrown in its place. */
export async function* pages(...all: readonly (ListedPage | Error)[]): AsyncGenerator<ListedPage> {
  for (const page of all) {
    if (page instanceof Error) throw page;
    yield page;
  }
}

/** What an account without EC2-Classic lists. */
export const NO_EC2_CLASSIC: ListedPage = { cacheSecurityGroups: 0, grants: [], hasNoEc2Classic: true };

/** Makes the revocation of a grant. */
export type RevokeGrant = (grant: ClassicGrant) => Promise<Revoked>;

/** What is different from the usual audit: how it is done, and what AWS answers. */
type Changes = Partial<Omit<HowToAudit, 'places' | 'connect'>> &
  Partial<VpcPorts> & {
    readonly regions?: readonly string[];
    readonly listGrants?: (region: string) => AsyncIterable<ListedPage>;
    readonly revokeGrant?: RevokeGrant;
  };

/** How to audit one region that lists these grants on a page, in mode enforce, where every revocation is accepted. */
export function howTo(
  grants: readonly Listed[],
  { regions = [REGION], listGrants, revokeGrant, ...changes }: Changes = {},
): HowToAudit & { readonly revoked: readonly ClassicGrant[] } {
  const revoked: ClassicGrant[] = [];
  const revoke = revokeGrant ?? (async () => ({ result: 'revoked', requestId: 'request-1' }) as const);
  const { calls } = fakeCalls({ caches: [] });
  return {
    ...UNHURRIED_AUDIT,
    places: regions.map((region) => ({ account: ACCOUNT, region })),
    connect: ({ region }) => ({
      ...calls,
      ...changes,
      listGrants: () => (listGrants ? listGrants(region) : pages(pageOf(...grants))),
      toRevokeGrant: toRevoke((grant) => {
        revoked.push(grant);
        return revoke(grant);
      }),
    }),
    shared: 'hold',
    mixed: 'hold',
    allowlist,
    mode: 'enforce',
    maxRevocations: 10,
    now: () => NOW,
    ...changes,
    revoked,
  };
}
