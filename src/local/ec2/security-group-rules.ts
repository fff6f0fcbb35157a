import { ApiError } from '../api-error.ts';
import type { Clock } from '../clock.ts';
import { shown } from '../shown.ts';
import type { NewId } from './resource-ids.ts';
import { inWords } from './rule-in-words.ts';
import { type RuleProperties, sayingOf } from './rule-properties.ts';

export interface SecurityGroupRule extends RuleProperties {
  readonly securityGroupRuleId: string;
  readonly groupId: string;
  readonly isEgress: boolean;
}

interface Kept {
  readonly rule: SecurityGroupRule;
  /** What Describe may still show: what it said, the latest first, back to what it has said for as long as Describe lags. */
  readonly sayings: readonly { readonly rule: SecurityGroupRule; readonly since: number }[];
}

export interface RuleSettings {
  /** How many rules a security group can have, for each direction and each version of IP. */
  readonly quota: number;
  /** For how long Describe does not show a new rule yet, and what a changed one said before. */
  readonly describeLagMs: number;
  /** For how many rules one counts that names a prefix list. */
  readonly weightOf: (prefixListId: string) => number;
}

/** The rules of all security groups of one account in one region, in the order they were made. */
export class SecurityGroupRules {
  readonly #settings: RuleSettings;
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #rules = new Map<string, Kept>();

  constructor(settings: RuleSettings, clock: Clock, newId: NewId) {
    this.#settings = settings;
    this.#clock = clock;
    this.#newId = newId;
  }

  /** The rules as they are. */
  list(groupId?: string): SecurityGroupRule[] {
    const rules = [...this.#rules.values()].map(({ rule }) => rule);
    return groupId === undefined ? rules : rules.filter((rule) => rule.groupId === groupId);
  }

  has(securityGroupRuleId: string): boolean {
    return this.#rules.has(securityGroupRuleId);
  }

  /** The rules as Describe shows them. That one can lag by minutes is seen in public reports. */
  described(): SecurityGroupRule[] {
    return [...this.#rules.values()].flatMap(({ sayings }) => this.#shown(sayings)?.rule ?? []);
  }

  /** @throws {ApiError} InvalidSecurityGroupRuleId.NotFound if the security group has no such rule in that direction. */
  get(groupId: string, securityGroupRuleId: string, isEgress?: boolean): SecurityGroupRule {
    const rule = this.#rules.get(securityGroupRuleId)?.rule;
    if (rule?.groupId !== groupId || (isEgress !== undefined && rule.isEgress !== isEgress)) {
      throw noSuchRule(securityGroupRuleId);
    }
    return rule;
  }

  /** For each of these, the rule of a security group that says the same, whatever its description. */
  find(
    groupId: string,
    asked: readonly RuleProperties[],
    isEgress: boolean,
  ): { readonly properties: RuleProperties; readonly rule: SecurityGroupRule | undefined }[] {
    const rules = this.#sayingOf(groupId, isEgress);
    return asked.map((properties) => ({ properties, rule: rules.get(sayingOf(properties)) }));
  }

  /**
   * Adds all of these or none.
   *
   * @throws {ApiError} InvalidPermission.Duplicate, or RulesPerSecurityGroupLimitExceeded.
   */
  add(groupId: string, added: readonly RuleProperties[], isEgress = false): SecurityGroupRule[] {
    const rules = added.map((properties) => ({ ...properties, securityGroupRuleId: '', groupId, isEgress }));
    this.#check(groupId, isEgress, rules);
    return rules.map((rule) => this.#keep({ ...rule, securityGroupRuleId: this.#newId('sgr') }));
  }

  /**
   * Changes all of these or none; they keep their ids.
   *
   * @throws {ApiError} InvalidSecurityGroupRuleId.NotFound, or as `add`.
   */
  modify(groupId: string, changes: ReadonlyMap<string, RuleProperties>): void {
    const changed = [...changes].map(([id, properties]) => {
      const { isEgress } = this.get(groupId, id);
      return { ...properties, securityGroupRuleId: id, groupId, isEgress };
    });
    for (const isEgress of [false, true]) {
      this.#check(
        groupId,
        isEgress,
        changed.filter((rule) => rule.isEgress === isEgress),
      );
    }
    for (const rule of changed) this.#keep(rule);
  }

  remove(rules: readonly SecurityGroupRule[]): void {
    for (const { securityGroupRuleId } of rules) this.#rules.delete(securityGroupRuleId);
  }

  #keep(rule: SecurityGroupRule): SecurityGroupRule {
    const before = this.#rules.get(rule.securityGroupRuleId)?.sayings ?? [];
    const shown = this.#shown(before);
    const sayings = shown === undefined ? before : before.slice(0, before.indexOf(shown) + 1);
    this.#rules.set(rule.securityGroupRuleId, { rule, sayings: [{ rule, since: this.#clock.now() }, ...sayings] });
    return rule;
  }

  #shown(sayings: Kept['sayings']): Kept['sayings'][number] | undefined {
    const shownSince = this.#clock.now() - this.#settings.describeLagMs;
    return sayings.find(({ since }) => since <= shownSince);
  }

  /** Whether a security group can have these rules in addition to the others it has. */
  #check(groupId: string, isEgress: boolean, rules: readonly SecurityGroupRule[]): void {
    const others = this.#sayingOf(groupId, isEgress);
    const changed = new Set(rules.map(({ securityGroupRuleId }) => securityGroupRuleId));
    for (const [saying, rule] of others) if (changed.has(rule.securityGroupRuleId)) others.delete(saying);
    for (const rule of rules) {
      const saying = sayingOf(rule);
      if (others.has(saying)) {
        throw new ApiError('InvalidPermission.Duplicate', `the specified rule "${inWords(rule)}" already exists`);
      }
      others.set(saying, rule);
    }
    const counted = (kind: string) => [...others.values()].filter(({ source }) => kind in source).length;
    // Documented: the quota holds for each version of IP, and a rule for a security group or a prefix list counts for both. The
    // latter counts for as many rules as the list can have entries.
    const weights = [...others.values()].map(({ source }) =>
      'prefixListId' in source ? this.#settings.weightOf(source.prefixListId) : 0,
    );
    const both = counted('referencedGroupId') + weights.reduce((sum, weight) => sum + weight, 0);
    if (both + Math.max(counted('cidrIpv4'), counted('cidrIpv6')) > this.#settings.quota && rules.length > 0) {
      const message = 'The maximum number of rules per security group has been reached.';
      throw new ApiError('RulesPerSecurityGroupLimitExceeded', message);
    }
  }

  #sayingOf(groupId: string, isEgress: boolean): Map<string, SecurityGroupRule> {
    const rules = this.list(groupId).filter((rule) => rule.isEgress === isEgress);
    return new Map(rules.map((rule) => [sayingOf(rule), rule]));
  }
}

/** The code is the documented one; the words are inferred. */
export function noSuchRule(securityGroupRuleId: string): ApiError {
  const message = `The security group rule ID '${shown(securityGroupRuleId)}' does not exist`;
  return new ApiError('InvalidSecurityGroupRuleId.NotFound', message);
}
