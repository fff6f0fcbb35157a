import { type AuditPace, auditTries } from '../aws/audit-tries.ts';
import type { ClassicGrant } from '../policy/grant.ts';
import type { ListedCache } from '../policy/security-group-rule.ts';
import { meaningOf } from './api-errors.ts';
import { elastiCacheClients } from './clients.ts';
import { listCaches } from './list-caches.ts';
import { type GrantPage, listGrants } from './list-grants.ts';
import { readGrantStatus } from './read-grant-status.ts';
import { type Revocation, revokeIngress } from './revoke-ingress.ts';

/** The calls to ElastiCache that an audit makes, in any region, within a rate. */
export interface AuditCalls {
  readonly listGrants: (region: string) => AsyncIterable<GrantPage>;
  readonly isNotApplicable: (error: unknown) => boolean;
  readonly revoke: (grant: ClassicGrant) => Promise<Revocation>;
  readonly readStatus: (grant: ClassicGrant) => Promise<string | undefined>;
  readonly listCaches: (region: string) => Promise<readonly ListedCache[]>;
  /** How many were made so far, by operation, retries included. */
  readonly made: Readonly<Record<string, number>>;
}

/** See `auditTries`. */
export function auditCalls(pace: AuditPace): AuditCalls {
  const { made, timeUp, aroundEachTry, revocationDeadline } = auditTries(pace);
  const clientFor = elastiCacheClients({}, aroundEachTry);
  return {
    made,
    listGrants: (region) => listGrants(clientFor(region), timeUp),
    isNotApplicable: (error) => meaningOf(error) === 'no-ec2-classic',
    revoke: (grant) => revokeIngress(clientFor(grant.region), grant, revocationDeadline()),
    readStatus: (grant) => readGrantStatus(clientFor(grant.region), grant, timeUp),
    listCaches: (region) => listCaches(clientFor(region), timeUp),
  };
}
