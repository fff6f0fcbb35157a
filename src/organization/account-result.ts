import type { Finding, NotJudged, PlaceAudit } from '../policy/finding.ts';
import type { Events, WhyNotJudged } from '../policy/target.ts';

export const RESULT_SCHEMA_VERSION = '1.0';

/** What the evaluation of one account came to: stored, and joined with the others' when the run is closed. */
export interface AccountResult {
  readonly schemaVersion: typeof RESULT_SCHEMA_VERSION;
  readonly run: string;
  readonly account: string;
  /** Which allowlist it was evaluated by. */
  readonly allowlistSha256: string;
  /** One for each region of the scope. */
  readonly regions: readonly RegionResult[];
  readonly findings: readonly Finding[];
  readonly notJudged: readonly NotJudged[];
  /** The revocations that are due, by id. None in report-only mode, and none if they are more than an account may have. */
  readonly due: readonly string[];
  /** How many revocations are due and held, because they are more than an account may have. */
  readonly held: number;
  readonly apiCalls: Readonly<Record<string, number>>;
}

/** Its result in one region. */
export type RegionResult = { readonly region: string } & (LookedAt | { readonly status: 'not-applicable' });

interface LookedAtBase {
  readonly events?: Events;
  /** Every name of its caches, and whether these are all of them. */
  readonly names?: { readonly names: readonly string[]; readonly areAll: boolean };
}
type LookedAt = LookedAtBase &
  (
    | { readonly status: 'judged'; readonly audit: PlaceAudit }
    | {
        readonly status: 'not-judged';
        readonly why: WhyNotJudged;
        readonly detail?: string;
        /** How far the audit came. Not there if it did not begin. */
        readonly audit?: PlaceAudit;
      }
  );

/** What the second step did in one account. */
export interface ActResult {
  readonly schemaVersion: typeof RESULT_SCHEMA_VERSION;
  readonly run: string;
  readonly account: string;
  /** The outcome of each revocation that was to be made, by id. */
  readonly outcomes: Readonly<Record<string, ActOutcome>>;
  readonly apiCalls: Readonly<Record<string, number>>;
}

/** The findings of a revocation as they were evaluated and acted on; or that it is not seen any more; or why it was not looked at. */
export type ActOutcome =
  | { readonly findings: readonly Finding[] }
  | { readonly isGone: true }
  | { readonly problem: string };
