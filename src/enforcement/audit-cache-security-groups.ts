import { decide } from '../policy/decision.ts';
import type { NotJudged } from '../policy/finding.ts';
import type { ClassicGrant } from '../policy/grant.ts';
import type { HowToAudit } from './audit-grants.ts';
import type { Judged } from './audit-security-groups.ts';
import { explainListing } from './deadline.ts';

/** A finding on a grant of a cache security group. */
export type ClassicFinding = Judged & { readonly grant: ClassicGrant };

/** Judges every grant of every cache security group of a region. Never throws: what could not be listed is told. */
export async function auditCacheSecurityGroups(region: string, how: HowToAudit) {
  const findings: ClassicFinding[] = [];
  const notJudged: NotJudged[] = [];
  let cacheSecurityGroups = 0;
  let grants = 0;
  const done = (rest: { readonly problem?: string; readonly hasNoEc2Classic?: true }) => {
    return { cacheSecurityGroups, grants, findings, notJudged, ...rest };
  };
  try {
    for await (const page of how.listGrants(region)) {
      cacheSecurityGroups += page.cacheSecurityGroups;
      grants += page.grants.length;
      const instant = how.now();
      for (const { grant, problems, status, what } of page.grants) {
        if (grant === undefined) notJudged.push({ region, what: what ?? 'a grant', why: problems.join('; ') });
        else findings.push(judge(grant, status, instant, how));
      }
    }
    return done({});
  } catch (error) {
    if (how.isNotApplicable(error)) return done({ hasNoEc2Classic: true });
    const problem = explainListing(error, how);
    const what =
      cacheSecurityGroups > 0
        ? `what comes after ${cacheSecurityGroups} cache security groups`
        : 'its cache security groups';
    notJudged.push({ region, what, why: problem });
    return done({ problem });
  }
}

/** The decision on a grant, and the outcome that it has if nothing is done about it. */
function judge(grant: ClassicGrant, status: string, instant: Date, { allowlist, mode }: HowToAudit): ClassicFinding {
  const decision = decide(grant, allowlist, instant);
  const standing = mode === 'enforce' ? 'held' : 'would-revoke';
  const outcome = decision.effect === 'allow' ? 'allowed' : status === 'revoking' ? 'already-gone' : standing;
  return { grant, status, decision, outcome };
}
