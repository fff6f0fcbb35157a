import type { Place } from '../policy/place.ts';
import type { CacheIndexReader } from './cache-index.ts';
import type { Deadline } from './deadline.ts';
import type { Policy, RecordedCall, Reporter } from './event-outcome.ts';
import type { Guards } from './guards.ts';
import type { VpcPorts } from './ports.ts';

/** An event about security groups, read. It only points to what is to be looked at. */
export type ReadSecurityGroupEvent =
  /** Rules were made or changed; without ids it does not say which of the group. */
  | (Pointer & {
      readonly kind: 'rules';
      readonly securityGroupId: string;
      readonly securityGroupRuleIds: readonly string[];
    })
  /** A cache got security groups; without ids it was made without saying which. */
  | (Pointer & {
      readonly kind: 'attachment';
      readonly cacheName: string;
      /** The port that the call chose, if it chose one. */
      readonly port?: number;
      readonly securityGroupIds: readonly string[];
      /** Whether the call gave the cache a public endpoint. */
      readonly isPublic?: true;
    })
  /** The entries of a prefix list changed. No rule is new because of that. */
  | (Pointer & { readonly kind: 'prefixList'; readonly prefixListId: string })
  /**
   * A synthetic event: looked up like any, and never acted on. `callHeartbeat` is a real call that failed, as it has to: it shows that
   * CloudTrail delivers, and nothing is looked up.
   */
  | (Pointer & { readonly kind: 'heartbeat'; readonly securityGroupId: string })
  | (Pointer & { readonly kind: 'callHeartbeat'; readonly securityGroupId: string })
  | { readonly kind: 'ignored'; readonly reason: string; readonly call: RecordedCall }
  | { readonly kind: 'rejected'; readonly problems: readonly string[]; readonly call: RecordedCall };

/** What every event that points to something says. */
export interface Pointer extends Place {
  readonly call: RecordedCall;
}

/** The events that say what is to be looked at. */
export type RulesEvent = Extract<ReadSecurityGroupEvent, { kind: 'rules' }>;
export type AttachmentEvent = Extract<ReadSecurityGroupEvent, { kind: 'attachment' }>;
export type PrefixListEvent = Extract<ReadSecurityGroupEvent, { kind: 'prefixList' }>;
export type PointingEvent = RulesEvent | AttachmentEvent | PrefixListEvent;

/** What it takes to handle such an event. */
export interface HowToEnforceSecurityGroups extends Deadline, Guards {
  readonly connect: (place: Place) => Omit<VpcPorts, 'listCaches'>;
  readonly cacheIndex: CacheIndexReader;
  /** Throws if there is nothing valid to judge by. */
  readonly readPolicy: () => Promise<Policy>;
  readonly reporter: Reporter;
}
