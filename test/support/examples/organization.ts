import type { AccountResult, RegionResult } from '../../../src/organization/account-result.ts';
import type { Manifest, OrganizationAccount, Scope } from '../../../src/organization/manifest.ts';
import type { Decision } from '../../../src/policy/decision.ts';
import type { Finding, PlaceAudit } from '../../../src/policy/finding.ts';
import type { Grant } from '../../../src/policy/grant.ts';
import { ACCOUNT, REGION } from './grants.ts';

export const SHA = 'a'.repeat(64);
export const RUN = '2026-11-23T12';
export const STARTED_AT = '2026-11-23T12:00:00.000Z';
export const OTHER_REGION = 'eu-west-1';

/** The id of the nth account: `000000000007`. */
export function accountNumber(n: number): string {
  return String(n).padStart(12, '0');
}

/** An account of unit `ou-shop` in root `r-0001`. */
export function accountOf(account: string, changes: Partial<OrganizationAccount> = {}): OrganizationAccount {
  return { account, name: `account-${account}`, state: 'ACTIVE', path: ['o-0001', 'r-0001', 'ou-shop'], ...changes };
}

export const WHOLE: Scope = { organizationalUnits: [], excludedAccounts: [], regions: [REGION, OTHER_REGION] };

/** A manifest with this account in two regions, but for these changes. */
export function manifestWith(changes: Partial<Manifest> = {}): Manifest {
  return {
    schemaVersion: '1.0',
    run: RUN,
    startedAt: STARTED_AT,
    allowlistSha256: SHA,
    accounts: [accountOf(ACCOUNT)],
    regions: [OTHER_REGION, REGION],
    ...changes,
  };
}

export function placeAudit(account: string, region: string): PlaceAudit {
  return { account, region, status: 'judged', cacheSecurityGroups: 0, caches: 1, securityGroups: 1, grants: 1 };
}

/** A region that was evaluated, with cache `sessions`. */
export function judgedRegion(account: string, region: string, names: readonly string[] = ['sessions']): RegionResult {
  return { region, status: 'judged', audit: placeAudit(account, region), names: { names, areAll: true } };
}

/** The result of an account in which everything was evaluated and nothing found, but for these changes. */
export function resultOf(account: string, changes: Partial<AccountResult> = {}): AccountResult {
  return {
    schemaVersion: '1.0',
    run: RUN,
    account,
    allowlistSha256: SHA,
    regions: [OTHER_REGION, REGION].map((region) => judgedRegion(account, region)),
    findings: [],
    notJudged: [],
    due: [],
    held: 0,
    apiCalls: {},
    ...changes,
  };
}

const DENIED: Decision = { effect: 'deny', reasons: [] };

/** A denied finding of a rule of a security group, with this outcome. */
export function findingOf(
  account: string,
  rule: string,
  changes: Partial<Finding> = {},
  target: { readonly cacheName?: string } = {},
): Finding {
  const grant: Grant = {
    kind: 'vpc',
    account,
    region: REGION,
    target: {
      cacheName: 'sessions',
      ports: [6379],
      securityGroupId: 'sg-0aaaaaaaaaaaaaaaa',
      securityGroupRuleId: rule,
      ...target,
    },
    source: { kind: 'cidr', cidr: '10.0.3.0/24' },
  };
  return { grant, status: 'listed', decision: DENIED, outcome: 'would-revoke', ...changes };
}

/** What the revocation of that finding is called. */
export function idOf(account: string, rule: string): string {
  return JSON.stringify([account, REGION, rule]);
}
