import type { SeenGrant } from '../policy/finding.ts';
import { isPublicEndpoint } from '../policy/vpc/grant.ts';
import { shortenSource } from '../policy/vpc/source.ts';

/** A grant as a finding or an outcome holds it, with a long prefix list cut. All that decides and plans needs it whole. */
export function shorten<Seen extends Pick<SeenGrant, 'grant'>>(seen: Seen): Seen {
  const { grant } = seen;
  if (grant.kind !== 'vpc' || isPublicEndpoint(grant)) return seen;
  const source = shortenSource(grant.source);
  return source === grant.source ? seen : { ...seen, grant: { ...grant, source } };
}
