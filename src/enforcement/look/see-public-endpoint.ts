import type { CompiledAllowlist } from '../../policy/compile-allowlist.ts';
import { decide } from '../../policy/decide.ts';
import type { Place } from '../../policy/place.ts';
import type { PublicEndpointGrant } from '../../policy/vpc/grant.ts';
import type { GuardedCache } from '../../policy/vpc/security-group-rule.ts';
import { whyUnknown } from '../../policy/vpc/unknown.ts';
import type { PublicEndpoint } from './revocable.ts';

/** The public endpoint of a cache, judged: a pure function of cache, allowlist and instant. */
export function seePublicEndpoint(
  { account, region }: Place,
  { cacheName, ports }: GuardedCache,
  allowlist: CompiledAllowlist,
  instant: Date,
): PublicEndpoint {
  const target = { cacheName, ports };
  const grant: PublicEndpointGrant = { kind: 'vpc', account, region, target, source: { kind: 'internet' } };
  const decision = decide(grant, allowlist, instant);
  const isDenied = decision.effect === 'deny';
  const unknown = isDenied ? whyUnknown(grant, allowlist, instant) : undefined;
  return {
    kind: 'public',
    place: { account, region },
    cacheName,
    isDenied,
    ...(unknown !== undefined && { unknown: { problem: unknown, isChanging: false } }),
    grants: [{ grant, status: 'listed', decision }],
  };
}
