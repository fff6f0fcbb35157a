// What the server tells the page, as JSON. The page's scripts take their types from here.

/** What the page says about the local AWS as a whole. */
export interface About {
  readonly account: string;
  readonly regions: readonly string[];
  /** Not there when nothing watches (`--no-enforcer`). */
  readonly guard?: { readonly mode: 'report-only' | 'enforce'; readonly allowlist: string };
}

export interface GrantNames {
  readonly region: string;
  readonly cacheSecurityGroupName: string;
  readonly ec2SecurityGroupName: string;
  readonly ec2SecurityGroupOwnerId: string;
}

/** A cache security group as it is now. */
export interface GroupView {
  readonly region: string;
  readonly name: string;
  readonly description: string;
  readonly grants: readonly GrantView[];
  /** How many grants it has beside those. */
  readonly moreGrants: number;
}

export interface GrantView {
  readonly ec2SecurityGroupName: string;
  readonly ec2SecurityGroupOwnerId: string;
  readonly status: string;
  /** Of the last entry about it, if that is still kept. */
  readonly verdict?: string;
  readonly why?: string;
}

export interface GroupsView {
  readonly groups: readonly GroupView[];
  /** How many there are beside those. */
  readonly moreGroups: number;
}

/** What happened on the way of a grant. */
export interface Step {
  readonly kind: 'call' | 'event' | 'refused' | 'revoked' | 'verdict' | 'failed' | 'dead-letter' | 'gone';
  readonly text: string;
  /** Milliseconds since the entry began. */
  readonly ms: number;
  /** The same several times in a row is one step: how often, and when last. */
  readonly times: number;
  readonly lastMs: number;
}

/** One grant, from the call that made it to what became of it; or, without a grant, an event that none can be read from. */
export interface Entry {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly grant?: GrantNames;
  /** What it is, where there is no grant. */
  readonly title?: string;
  /** `pending`, or an outcome. */
  readonly verdict: string;
  readonly why: readonly string[];
  readonly steps: readonly Step[];
  /** How long the grant had stood when its revocation was accepted. */
  readonly stoodMs?: number;
}

/** The first message: everything. Entries are oldest first. */
export interface State extends GroupsView {
  readonly about: About;
  readonly entries: readonly Entry[];
}

/** Every further one: what is different. An entry that the page knows comes again, whole, when it has changed. */
export interface Change extends Partial<GroupsView> {
  readonly entries: readonly Entry[];
}
