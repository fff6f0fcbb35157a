import type { CompiledAllowlist } from '../policy/compile-allowlist.ts';
import type { Finding, NotJudged } from '../policy/finding.ts';
import { type JudgedRule, judgeRule } from '../policy/judge-rule.ts';
import type { UnreadableRule } from '../policy/security-group-rule.ts';
import { CacheIndex } from './cache-index.ts';
import { type Deadline, explainListing } from './deadline.ts';
import type { Mode } from './enforce-grant.ts';
import type { SecurityGroupCalls } from './security-group-calls.ts';

/** A finding to which the outcome of its revocation may still be written: a copy of each would be costly. */
export type Judged = { -readonly [Key in keyof Finding]: Finding[Key] };

/** What becomes of a finding. */
export type Became = Pick<Finding, 'outcome' | 'problem' | 'revocationRequestId'>;

/** Writes what becomes of a revocation to its findings. */
export function write(findings: readonly Judged[], became: Became): void {
  for (const finding of findings) Object.assign(finding, became);
}

/** A denied rule, and the findings of its grants: they share its fate. */
export interface DeniedRule {
  readonly judged: JudgedRule;
  readonly findings: readonly Judged[];
}

/** What an audit saw of the security groups that guard the caches of a region. */
export interface SecurityGroupsAudit {
  readonly caches: number;
  readonly securityGroups: number;
  readonly findings: readonly Judged[];
  readonly denied: readonly DeniedRule[];
  readonly notJudged: readonly NotJudged[];
  /** Why not all of it could be listed. */
  readonly problem?: string;
}

export interface HowToAuditSecurityGroups extends Pick<SecurityGroupCalls, 'listCaches' | 'listRules'>, Deadline {
  readonly allowlist: CompiledAllowlist;
  readonly mode: Mode;
}

/** Judges every rule of every security group that guards a cache of a region. Never throws: what could not be listed is told. */
export async function auditSecurityGroups(region: string, how: HowToAuditSecurityGroups): Promise<SecurityGroupsAudit> {
  const findings: Judged[] = [];
  const denied: DeniedRule[] = [];
  const notJudged: NotJudged[] = [];
  let index = new CacheIndex([], how.now());
  const done = (rest: { readonly problem?: string }): SecurityGroupsAudit => {
    return {
      caches: index.cacheCount,
      securityGroups: index.securityGroupIds.length,
      findings,
      denied,
      notJudged,
      ...rest,
    };
  };
  try {
    index = new CacheIndex(await how.listCaches(region), how.now());
    for (const { cacheName, why } of index.problems) notJudged.push({ region, what: `cache ${cacheName}`, why });
    if (index.securityGroupIds.length === 0) return done({});
    for await (const page of how.listRules(region, index.securityGroupIds)) {
      for (const listed of page) {
        const { rule, unreadable } = listed;
        if (rule) add(judgeRule(rule, index.guardedBy(rule.securityGroupId), how.allowlist, how.now()));
        if (unreadable) notJudged.push({ region, what: nameRule(unreadable), why: unreadable.problem });
      }
    }
    return done({});
  } catch (error) {
    const problem = explainListing(error, how);
    notJudged.push({ region, what: 'the security groups that guard caches, or some of them', why: problem });
    return done({ problem });
  }

  function add(judged: JudgedRule): void {
    const found = judged.grants.map((grant) => toFinding(grant, judged.isDenied, how.mode));
    findings.push(...found);
    if (judged.isDenied) denied.push({ judged, findings: found });
  }
}

/** With the outcome that it has if nothing is done about its rule. EC2 tells no state of a rule. */
function toFinding(grant: JudgedRule['grants'][number], isDenied: boolean, mode: Mode): Judged {
  return { ...grant, status: 'listed', outcome: !isDenied ? 'allowed' : mode === 'enforce' ? 'held' : 'would-revoke' };
}

function nameRule({ securityGroupId, securityGroupRuleId }: UnreadableRule): string {
  return `rule ${securityGroupRuleId ?? 'without an id'} of security group ${securityGroupId}`;
}

const CACHES_CHANGED =
  'the caches behind its security group changed after it was judged: it stands until the next audit judges it as they are then';

/**
 * Those of a region's denied rules that are denied by the caches that there are now: to list all the rest may have taken minutes,
 * and a rule that guards no cache any more is nothing of ours. The others are `failed`.
 */
export async function judgeAgain(
  denied: readonly DeniedRule[],
  region: string,
  how: HowToAuditSecurityGroups,
): Promise<DeniedRule[]> {
  if (denied.length === 0) return [];
  const fail = (findings: readonly Judged[], problem: string): [] => {
    write(findings, { outcome: 'failed', problem });
    return [];
  };
  try {
    const index = new CacheIndex(await how.listCaches(region), how.now());
    return denied.flatMap(({ judged: { rule }, findings }) => {
      const judged = judgeRule(rule, index.guardedBy(rule.securityGroupId), how.allowlist, how.now());
      return judged.isDenied ? [{ judged, findings }] : fail(findings, CACHES_CHANGED);
    });
  } catch (error) {
    return denied.flatMap(({ findings }) => fail(findings, explainListing(error, how)));
  }
}
