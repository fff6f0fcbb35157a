import type { CompiledAllowlist } from '../compile-allowlist.ts';
import { few, firstByRank, rarest } from '../narrow.ts';
import type { Part } from '../parts.ts';
import type { Question } from '../question.ts';
import { quote } from '../quote.ts';
import type { ClassicRules, CompiledClassicRule } from './compiled-rules.ts';
import type { ClassicGrant } from './grant.ts';

const PARTS = ['cacheSecurityGroup', 'ec2SecurityGroup', 'ownerId', 'account', 'region', 'expires'] as const;
type ClassicPart = (typeof PARTS)[number];

/** What a reason names as covered. That a rule without regions covers any needs no mention. */
const TOLD: readonly ClassicPart[] = ['cacheSecurityGroup', 'ec2SecurityGroup', 'ownerId'];

/** A grant of a cache security group, asked of the rules about these. */
export class ClassicQuestion implements Question<CompiledClassicRule> {
  readonly parts = PARTS;
  readonly #grant: ClassicGrant;
  readonly #rules: ClassicRules;
  readonly #time: number;
  readonly #accountPath: readonly string[] | undefined;

  constructor(grant: ClassicGrant, { classic, accountPaths }: CompiledAllowlist, time: number) {
    this.#grant = grant;
    this.#rules = classic;
    this.#time = time;
    this.#accountPath = accountPaths.get(grant.account);
  }

  candidates(): Iterable<CompiledClassicRule> {
    return rarest(this.#sameNames());
  }

  near(): Iterable<CompiledClassicRule> {
    return few(this.#sameNames(), (rule) => this.#isNear(rule));
  }

  all(): readonly CompiledClassicRule[] {
    return this.#rules.rules;
  }

  missedParts(rule: CompiledClassicRule): readonly ClassicPart[] {
    const { account, region, target, source } = this.#grant;
    const missed: ClassicPart[] = [];
    if (!rule.cacheSecurityGroups.covers(target.cacheSecurityGroupName)) missed.push('cacheSecurityGroup');
    if (!rule.ec2SecurityGroups.covers(source.ec2SecurityGroupName)) missed.push('ec2SecurityGroup');
    if (!rule.coversOwnerId(source.ec2SecurityGroupOwnerId, account)) missed.push('ownerId');
    if (!rule.coversAccount(account, this.#accountPath)) missed.push('account');
    if (!rule.coversRegion(region)) missed.push('region');
    if (!rule.isInForceAt(this.#time)) missed.push('expires');
    return missed;
  }

  /** The first rule by id that allows the grant or not, depending on where its account is in the organization, if that is not known. */
  decidedByAccountPath(): CompiledClassicRule | undefined {
    if (this.#accountPath !== undefined) return undefined;
    const { target } = this.#grant;
    return firstByRank(
      this.#rules.byCacheSecurityGroup
        .find(target.cacheSecurityGroupName)
        .flat()
        .filter((rule) => rule.asksForUnits && this.missedParts(rule).join() === 'account'),
    );
  }

  nearness(): number {
    return 0;
  }

  describeCovered(misses: readonly Part[]): string {
    const covered = TOLD.filter((part) => !misses.includes(part)).map((part) => WORDS[part]);
    return covered.length === TOLD.length ? 'this grant' : covered.length === 0 ? '' : `the ${covered.join(' and ')}`;
  }

  describePart(part: Part): string {
    const { account, region, target, source } = this.#grant;
    const values: Readonly<Partial<Record<Part, string>>> = {
      cacheSecurityGroup: target.cacheSecurityGroupName,
      ec2SecurityGroup: source.ec2SecurityGroupName,
      ownerId: source.ec2SecurityGroupOwnerId,
      account,
      region,
    };
    return `${WORDS[part as keyof typeof WORDS]} ${quote(values[part])}`;
  }

  missedByAll(): readonly ClassicPart[] {
    const { account, source } = this.#grant;
    const isOwnerKnown = this.#rules.knowsOwner(source.ec2SecurityGroupOwnerId, account);
    return isOwnerKnown ? ['cacheSecurityGroup', 'ec2SecurityGroup'] : TOLD;
  }

  #sameNames() {
    const { target, source } = this.#grant;
    return [
      this.#rules.byCacheSecurityGroup.find(target.cacheSecurityGroupName),
      this.#rules.byEc2SecurityGroup.find(source.ec2SecurityGroupName),
    ];
  }

  #isNear(rule: CompiledClassicRule): boolean {
    const { target, source } = this.#grant;
    return (
      rule.cacheSecurityGroups.covers(target.cacheSecurityGroupName) ||
      rule.ec2SecurityGroups.covers(source.ec2SecurityGroupName)
    );
  }
}

const WORDS: Readonly<Record<ClassicPart, string>> = {
  cacheSecurityGroup: 'cache security group',
  ec2SecurityGroup: 'EC2 security group',
  ownerId: 'owner id',
  account: 'account',
  region: 'region',
  expires: 'day',
};
