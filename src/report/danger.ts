import type { Finding } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';
import { isForEverybody } from './grant-words.ts';

/**
 * Findings in the order of every form of the report: disallowed before allowed; of these, what is open to everybody first, then ranges
 * of addresses by width, then the rest. The widest IPv4 range, and the widest IPv6 range, come before a narrower one.
 *
 * @param otherwise the order of those that are equally dangerous; as they came, if it is not given.
 */
export function inOrderOfDanger(
  findings: readonly Finding[],
  otherwise: (a: Finding, b: Finding) => number = () => 0,
): Finding[] {
  // Reading a CIDR in each comparison would take most of the time of a report of 100,000 findings.
  const ranked = findings.map((finding) => ({ finding, rank: rankOf(finding) }));
  return ranked.sort((a, b) => b.rank - a.rank || otherwise(a.finding, b.finding)).map(({ finding }) => finding);
}

function rankOf({ decision, grant }: Finding): number {
  return (decision.effect === 'deny' ? 10 : 0) + dangerOf(grant);
}

/** How dangerous a grant is that stands: 2 if it is for everybody; up to 1 for a range; 0 for what names a security group or a list. */
export function dangerOf(grant: Grant): number {
  if (isForEverybody(grant)) return 2;
  return grant.kind === 'vpc' && grant.source.kind === 'cidr' ? widthOf(grant.source.cidr) : 0;
}

/** The part of an address's bits that a range leaves open, so that IPv4 and IPv6 compare: 0.5 for a /16, and for an IPv6 /64. */
function widthOf(cidr: string): number {
  const bits = cidr.includes(':') ? 128 : 32;
  // A single address comes before what names none. A report that someone wrote may hold any text.
  return Math.max(1 - Number(cidr.split('/')[1] ?? bits) / bits || 0, 0.001);
}
