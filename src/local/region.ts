import type { Clock } from './clock.ts';
import { CacheSecurityGroups } from './elasticache/cache-security-groups.ts';

/** How the account that the local AWS plays is set up. */
export interface AccountSettings {
  /** 12 digits. */
  readonly accountId: string;
  /** How long a grant stays `authorizing`, and `revoking`, in milliseconds. */
  readonly transitionMs: number;
  /** How many cache security groups there can be in a region beside `default`. 50, as on AWS, if not given. */
  readonly quota?: number;
}

/** All that the account has in one region. */
export interface Region {
  /** For example `us-east-1`. */
  readonly name: string;
  /** 12 digits. */
  readonly accountId: string;
  readonly cacheSecurityGroups: CacheSecurityGroups;
}

/** A region as a new account finds it. */
export function openRegion(name: string, settings: AccountSettings, clock: Clock): Region {
  const { accountId, transitionMs, quota = 50 } = settings;
  return {
    name,
    accountId,
    cacheSecurityGroups: new CacheSecurityGroups({ region: name, accountId, transitionMs, quota }, clock),
  };
}
