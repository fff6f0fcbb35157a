import { decideClassicGrant } from '../../policy/classic/decide.ts';
import type { ClassicGrant } from '../../policy/classic/grant.ts';
import { whyClassicUnknown } from '../../policy/classic/unknown.ts';
import type { CompiledAllowlist } from '../../policy/compile-allowlist.ts';
import type { Place } from '../../policy/place.ts';
import type { RevocableGrant } from './revocable.ts';

/**
 * A grant of a cache security group, judged: a pure function of grant, status, allowlist and instant.
 *
 * @param place the grant's own. Who sees many gives one object for all of them.
 */
export function seeGrant(
  grant: ClassicGrant,
  status: string,
  allowlist: CompiledAllowlist,
  instant: Date,
  place: Place = { account: grant.account, region: grant.region },
): RevocableGrant {
  const decision = decideClassicGrant(grant, allowlist, instant);
  const isDenied = decision.effect === 'deny';
  const unknown = isDenied ? whyClassicUnknown(grant, allowlist, instant) : undefined;
  return {
    kind: 'classic',
    place,
    isDenied,
    ...(unknown !== undefined && { unknown: { problem: unknown, isChanging: false } }),
    grant,
    grants: [{ grant, status, decision }],
  };
}
