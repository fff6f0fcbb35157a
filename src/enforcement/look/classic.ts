import { describeClassicGrant } from '../../policy/classic/grant.ts';
import type { CompiledAllowlist } from '../../policy/compile-allowlist.ts';
import type { NotJudged } from '../../policy/finding.ts';
import type { Place } from '../../policy/place.ts';
import { type Deadline, explainListing } from '../deadline.ts';
import type { ClassicPorts } from '../ports.ts';
import type { RevocableGrant } from './revocable.ts';
import { seeGrant } from './see-grant.ts';

/** What is seen of the cache security groups of a place. */
export interface ClassicLook {
  readonly cacheSecurityGroups: number;
  /** Also those that could not be read. */
  readonly listed: number;
  readonly seen: readonly RevocableGrant[];
  readonly notJudged: readonly NotJudged[];
  readonly hasNoEc2Classic: boolean;
  /** Why not all of it could be listed. */
  readonly problem?: string;
}

/** Looks at every grant of every cache security group of a place. Never throws: what could not be listed is reported. */
export async function lookAtCacheSecurityGroups(
  place: Place,
  ports: Pick<ClassicPorts, 'listGrants'>,
  how: Deadline & { readonly allowlist: CompiledAllowlist },
): Promise<ClassicLook> {
  const seen: RevocableGrant[] = [];
  const notJudged: NotJudged[] = [];
  let [cacheSecurityGroups, listed, hasNoEc2Classic] = [0, 0, false];
  const look = (rest: { readonly problem?: string }): ClassicLook => {
    return { cacheSecurityGroups, listed, seen, notJudged, hasNoEc2Classic, ...rest };
  };
  try {
    for await (const page of ports.listGrants()) {
      hasNoEc2Classic ||= page.hasNoEc2Classic === true;
      cacheSecurityGroups += page.cacheSecurityGroups;
      listed += page.grants.length;
      const instant = how.now();
      for (const { grant, problems, status, what } of page.grants) {
        if (grant === undefined) notJudged.push({ ...place, what: what ?? 'a grant', why: problems.join('; ') });
        else {
          const one = seeGrant(grant, status, how.allowlist, instant, place);
          if (one.unknown === undefined) seen.push(one);
          else notJudged.push({ ...place, what: `the grant ${describeClassicGrant(grant)}`, why: one.unknown.problem });
        }
      }
    }
    return look({});
  } catch (error) {
    const problem = explainListing(error, how);
    const what =
      cacheSecurityGroups > 0
        ? `what comes after ${cacheSecurityGroups} cache security groups`
        : 'its cache security groups';
    notJudged.push({ ...place, what, why: problem });
    return look({ problem });
  }
}
