import { endOfDay } from './allowlist.ts';
import type { AnyAllowlistRule } from './allowlist-fields.ts';
import type { Decision } from './decision.ts';
import { type NamePattern, parseNamePattern } from './name-pattern.ts';
import { normalizeIds } from './written.ts';

/** What an allowlist rule of either kind says, made ready for judging. */
export abstract class CompiledRule {
  readonly id: string;
  /** What is decided of every grant that it allows: one object, because an audit keeps it for each of its grants. */
  readonly allow: Decision;
  /** Its place among the rules of its kind by id: the order that no file can change. */
  readonly rank: number;
  readonly expires: string | undefined;
  readonly ownerIds: readonly string[];
  /** Whether it asks for the organizational units of accounts. */
  readonly asksForUnits: boolean;
  readonly #accounts: readonly string[] | undefined;
  readonly #units: readonly string[] | undefined;
  readonly #regions: readonly string[] | undefined;
  readonly #end: number;

  constructor(rule: AnyAllowlistRule, rank: number, ownerIds: readonly string[]) {
    this.id = rule.id;
    this.allow = { effect: 'allow', rule: rule.id };
    this.rank = rank;
    this.expires = rule.expires;
    this.ownerIds = normalizeIds(ownerIds);
    this.#accounts = rule.accounts && normalizeIds(rule.accounts);
    this.#units = rule.organizationalUnits;
    this.asksForUnits = rule.organizationalUnits !== undefined;
    this.#regions = rule.regions;
    this.#end = rule.expires === undefined ? Number.POSITIVE_INFINITY : endOfDay(rule.expires);
  }

  /** Whether it allows groups of this owner. No one knows whose a group without an owner is, so it does not. */
  coversOwnerId(ownerId: string | undefined, account: string): boolean {
    if (ownerId === undefined) return false;
    return this.ownerIds.some(
      (entry) => entry === ownerId || entry === '*' || (entry === 'self' && ownerId === account),
    );
  }
  /** @param path the ids of the organizational units that the account is in; `undefined` if they are not known. */
  coversAccount(account: string, path: readonly string[] | undefined): boolean {
    if (this.#accounts === undefined && this.#units === undefined) return true;
    return this.#accounts?.includes(account) === true || path?.some((id) => this.#units?.includes(id)) === true;
  }
  coversRegion(region: string): boolean {
    return this.#regions === undefined || this.#regions.includes(region);
  }
  /** Whether it allows still, at an instant in milliseconds since the epoch. */
  isInForceAt(time: number): boolean {
    return time < this.#end;
  }
}

/** The names and patterns that a rule lists, as one question. */
export class NameList {
  readonly all: readonly (string | NamePattern)[];
  readonly #names: ReadonlySet<string>;
  readonly #patterns: readonly NamePattern[];

  constructor(texts: readonly string[]) {
    this.all = texts.map(parseNamePattern);
    this.#names = new Set(this.all.filter((entry) => typeof entry === 'string'));
    this.#patterns = this.all.filter((entry) => typeof entry !== 'string');
  }

  covers(name: string): boolean {
    return this.#names.has(name) || this.#patterns.some((pattern) => pattern.matches(name));
  }
}
