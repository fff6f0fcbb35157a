/** Whether we may act. Never part of the decision. */
export const MODES = ['report-only', 'enforce'] as const;
export type Mode = (typeof MODES)[number];

/** What is done about a denied rule that opens more than caches, of a group that guards more than caches. */
export const SHARED = ['hold', 'revoke'] as const;
export type Shared = (typeof SHARED)[number];

/** What is done about a standing security group rule that makes both an allowed and a denied grant. */
export const MIXED = ['hold', 'revoke'] as const;
export type Mixed = (typeof MIXED)[number];

/** How many revocations an audit makes at most, and an event that has whole groups looked at, if no one says otherwise. */
export const DEFAULT_MAX_REVOCATIONS = 10;
