// What the server sends to the page, as JSON. The page's scripts take their types from here.

/** What the page says about the local AWS as a whole. */
export interface About {
  /** The account of the functions first. Each with its name, where an organization has one. */
  readonly accounts: readonly { readonly id: string; readonly name?: string }[];
  readonly regions: readonly string[];
  /** Not there when Ingress Guard is not deployed (`--no-enforcer`). */
  readonly guard?: { readonly mode: 'report-only' | 'enforce'; readonly allowlist: string };
}

/** One account in one region. */
export interface PlaceId {
  readonly account: string;
  readonly region: string;
}

/** Who may come in. */
export interface SourceView {
  readonly kind: 'range' | 'security group' | 'prefix list';
  /** `192.0.2.0/24`, `sg-…`, `pl-…`. */
  readonly id: string;
  /** Of a security group or a prefix list, where the local AWS has it. */
  readonly name?: string;
  /** Of a security group: 12 digits. */
  readonly owner?: string;
}

/** What a rule says, without its source. -1 where the protocol has no ports, or where it is all of them. */
export interface TrafficView {
  readonly ipProtocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly description?: string;
}

/** What the allowlist says of something that stands. */
export interface Verdict {
  readonly as: 'allowed' | 'not-allowed' | 'held' | 'not-evaluated';
  readonly why: string;
}

/** The outcome that a function reported, and why. */
export interface Reported {
  readonly outcome: string;
  readonly why: string;
}

/** An ingress rule of a security group that guards a cache. */
export interface RuleView extends TrafficView {
  readonly id: string;
  readonly source: SourceView;
  /** Whether it opens a port of the caches behind its group, or may: one that is being created can get any. */
  readonly reaches: boolean;
  /** What the allowlist says of it as it stands. Not there if it opens no cache, or if nothing evaluates. */
  readonly standing?: Verdict;
  /** What a function reported of it last, as far as that is still kept. */
  readonly reported?: Reported;
}

export interface GroupView {
  readonly id: string;
  readonly name: string;
  readonly rules: readonly RuleView[];
  /** How many more rules it has than those. */
  readonly moreRules: number;
}

/** A replication group, a serverless cache, or a cluster that belongs to no replication group. */
export interface CacheView {
  readonly name: string;
  readonly kind: 'replication group' | 'cluster' | 'serverless cache';
  readonly engine: string;
  readonly status: string;
  /** None while it is being created. */
  readonly ports: readonly number[];
  /** The ids of the security groups that guard it. */
  readonly groups: readonly string[];
  /** What the allowlist says of its public endpoint, if it has one. */
  readonly publicEndpoint?: Verdict;
}

/** A cache security group of EC2-Classic. */
export interface ClassicGroupView {
  readonly name: string;
  readonly description: string;
  readonly grants: readonly ClassicGrantView[];
  readonly moreGrants: number;
}

export interface ClassicGrantView {
  readonly ec2SecurityGroupName: string;
  readonly ec2SecurityGroupOwnerId: string;
  readonly status: string;
  readonly standing?: Verdict;
  readonly reported?: Reported;
}

/** What exists at a place. */
export interface PlaceView extends PlaceId {
  readonly caches: readonly CacheView[];
  readonly moreCaches: number;
  /** Those that guard one of the caches. */
  readonly groups: readonly GroupView[];
  /** What a rule can name as its source. */
  readonly sources: readonly SourceView[];
  /** `undefined` if the account has no EC2-Classic. */
  readonly classic?: readonly ClassicGroupView[];
  readonly moreClassic: number;
  /** What could not be evaluated, and why. */
  readonly problems: readonly string[];
}

export interface PlacesView {
  readonly places: readonly PlaceView[];
  readonly morePlaces: number;
}

/** One stop on the way from a call to its outcome. */
export interface Step {
  readonly kind: 'call' | 'record' | 'event' | 'start' | 'revoked' | 'answer' | 'failed' | 'dead-letter';
  readonly text: string;
  /** Milliseconds since the entry began. */
  readonly ms: number;
}

/** What a function decided of one grant. */
export interface Decided extends Reported {
  readonly account: string;
  readonly region: string;
  /** Of a cache behind VPC security groups. */
  readonly cache?: { readonly name: string; readonly ports: readonly number[] };
  /** Of EC2-Classic. */
  readonly cacheSecurityGroup?: string;
  /** Who gets in; `name` and `owner` of an EC2 security group in EC2-Classic. Not there of a public endpoint. */
  readonly source?: SourceView;
  readonly rule?: { readonly id: string; readonly group: string };
  /** What the rule said that was revoked: what it takes to make it again. */
  readonly text?: TrafficView;
}

/** What the functions did about one event, or one audit. */
export interface Entry {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The call that the event is of, or what ran. */
  readonly title: string;
  readonly account: string;
  readonly region: string;
  /** `waiting`, or an outcome: the gravest of its grants. */
  readonly outcome: string;
  /** Why, where no grant says it. */
  readonly why: string;
  readonly decided: readonly Decided[];
  /** How many more grants there are than those. */
  readonly moreDecided: number;
  readonly steps: readonly Step[];
  /** How long it was from the call until its revocation was accepted, in milliseconds. */
  readonly stoodMs?: number;
}

/** The first message: everything. Entries are oldest first. */
export interface State extends PlacesView {
  readonly about: About;
  readonly entries: readonly Entry[];
}

/** Every further one: what is different. An entry that the page knows comes again, whole, when it has changed. */
export interface Change extends Partial<PlacesView> {
  readonly entries: readonly Entry[];
}

/** Whether what was revoked could stand if it were made again. */
export interface Advice {
  /** Whether the allowlist denies it now, so that it would be revoked again. */
  readonly isDenied: boolean;
  /** What to add to the rules of the allowlist, as YAML; empty if no rule could allow it. */
  readonly rules: string;
  /** Why no rule could. */
  readonly never: string;
}
