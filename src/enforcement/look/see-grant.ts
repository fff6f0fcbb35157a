import { decideClassicGrant } from '../../policy/classic/decide.ts';
import type { ClassicGrant } from '../../policy/classic/grant.ts';
import type { CompiledAllowlist } from '../../policy/compile-allowlist.ts';
import type { RevocableGrant } from './revocable.ts';

/** A grant of a cache security group, judged: a pure function of grant, status, allowlist and instant. */
export function seeGrant(
  grant: ClassicGrant,
  status: string,
  allowlist: CompiledAllowlist,
  instant: Date,
): RevocableGrant {
  const { account, region, target, source } = grant;
  const decision = decideClassicGrant(grant, allowlist, instant);
  return {
    kind: 'classic',
    id: JSON.stringify([account, region, target, source]),
    place: { account, region },
    isDenied: decision.effect === 'deny',
    grant,
    grants: [{ grant, status, decision }],
  };
}
