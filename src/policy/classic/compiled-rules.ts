import { CompiledRule, NameList } from '../compiled-rule.ts';
import { NameIndex } from '../name-index.ts';
import { lowerAscii } from '../name-pattern.ts';
import type { ClassicAllowlistRule } from './allowlist-rule.ts';

/** A rule about cache security groups, made ready for judging. */
export class CompiledClassicRule extends CompiledRule {
  readonly cacheSecurityGroups: NameList;
  readonly ec2SecurityGroups: NameList;

  constructor(rule: ClassicAllowlistRule, rank: number) {
    super(rule, rank, rule.ownerIds);
    this.cacheSecurityGroups = new NameList(rule.cacheSecurityGroups.map(lowerAscii));
    this.ec2SecurityGroups = new NameList(rule.ec2SecurityGroups);
  }
}

/** The rules about cache security groups, ready for judging. */
export class ClassicRules {
  /** In order of rank. */
  readonly rules: readonly CompiledClassicRule[];
  readonly byCacheSecurityGroup: NameIndex<CompiledClassicRule>;
  readonly byEc2SecurityGroup: NameIndex<CompiledClassicRule>;
  readonly #owners: ReadonlySet<string>;

  /** @param rules in order of their ids. */
  constructor(rules: readonly ClassicAllowlistRule[]) {
    this.rules = rules.map((rule, rank) => new CompiledClassicRule(rule, rank));
    this.byCacheSecurityGroup = new NameIndex(this.rules, (rule) => rule.cacheSecurityGroups.all);
    this.byEc2SecurityGroup = new NameIndex(this.rules, (rule) => rule.ec2SecurityGroups.all);
    this.#owners = new Set(this.rules.flatMap((rule) => rule.ownerIds));
  }

  /** Whether any rule covers this owner. */
  knowsOwner(ownerId: string, account: string): boolean {
    const owners = this.#owners;
    return owners.has(ownerId) || owners.has('*') || (ownerId === account && owners.has('self'));
  }
}
