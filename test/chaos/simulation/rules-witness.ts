import type { LocalAws } from '../../../src/local/local-aws.ts';
import type { ApiCall } from '../../../src/local/service.ts';
import { FAR_REGION, REGION } from './plan.ts';
import type { GroupIds } from './rules-people.ts';
import {
  GROUPS,
  isDisallowed,
  isMixed,
  opensMore,
  type PlannedGroup,
  PREFIX_LISTS,
  type ToldRule,
} from './rules-plan.ts';
import { APP_ID } from './user-agent.ts';
import type { Witness } from './witness.ts';

/** A rule of a security group, and what it guards. */
export interface KnownRule extends ToldRule {
  readonly securityGroupRuleId: string;
  readonly groupName: string;
  readonly caches: readonly string[];
  readonly isShared: boolean;
  readonly isInUse: boolean;
  /** Since when the allowlist lets everything reach its caches that a scene opens them to; `undefined` if it does not. */
  readonly allowedSinceMs: number | undefined;
}

/** A rule that Ingress Guard revoked, as it stood then. */
export interface RevokedRule {
  readonly rule: KnownRule;
  /** When a look of Ingress Guard at the rule last told it one to revoke, in milliseconds before; `undefined` if none did. */
  readonly lookedMsBefore: number | undefined;
  /** How long the allowlist had allowed it when its first try reached the endpoint; `undefined` if it did not allow it. */
  readonly allowedForMs: number | undefined;
}

const ATTACHING = ['CreateCacheCluster', 'CreateReplicationGroup', 'ModifyReplicationGroup'];

type Item = Readonly<Record<string, unknown>>;

/** Sees what becomes of the rules of security groups, as the endpoint tells it. */
export class RuleWitness {
  readonly revokedByGuard: RevokedRule[] = [];
  made = 0;
  edited = 0;
  revokedByHand = 0;
  readonly #groups = new Map<string, PlannedGroup>();
  /** What the caches of the groups that were attached in the midst of it are. */
  readonly #attached = new Map<string, string[]>();
  /** The prefix lists that got an entry that is not allowed. */
  readonly #spoiltLists = new Set<string>();
  /** When a group's disallowed rules, or one of them, became allowed, by the clock of the witness. */
  readonly #allowedSince = new Map<string, number>();
  readonly #shownRevocableAt = new Map<string, number>();
  /** By the rule's id. */
  readonly #referenced = new Map<string, string>();
  readonly #witness: Witness;
  #aws: LocalAws | undefined;

  constructor(witness: Witness) {
    this.#witness = witness;
  }

  watch(aws: LocalAws, groupIds: GroupIds): void {
    this.#aws = aws;
    for (const group of GROUPS) this.#groups.set(groupIds.get(group.name) ?? '', group);
    aws.events.on('call', (call) => this.#seeCall(call));
  }

  /** All rules of a group, by its name, or one rule, by its id, are allowed from now on. */
  seeAllowed(what: string): void {
    this.#allowedSince.set(what, this.#witness.now());
  }

  /** The rules that let somebody in, in the end. */
  standing(): KnownRule[] {
    const rules = [REGION, FAR_REGION].flatMap((region) => this.#aws?.region(region)?.securityGroupRules.list() ?? []);
    return rules.flatMap(({ isEgress, source, ...rule }) =>
      isEgress ? [] : (this.#known({ ...rule, ...source }) ?? []),
    );
  }

  #seeCall({ action, parameters, result, error, userAgent }: ApiCall): void {
    const isGuard = userAgent.includes(`app/${APP_ID}`);
    if (error !== undefined) return;
    if (ATTACHING.includes(action)) this.#seeAttachment(parameters);
    if (action === 'ModifyManagedPrefixList') this.#seeEdit(parameters);
    if (action === 'AuthorizeSecurityGroupIngress') this.made++;
    if (action === 'ModifySecurityGroupRules') this.edited++;
    const { securityGroupRuleSet = [], revokedSecurityGroupRuleSet = [] } = (result ?? {}) as Record<string, Item[]>;
    const shown = securityGroupRuleSet.flatMap((item) => this.#known(item) ?? []);
    if (action === 'DescribeSecurityGroupRules' && isGuard) {
      for (const rule of shown) {
        if (isToBeRevoked(rule)) this.#shownRevocableAt.set(rule.securityGroupRuleId, performance.now());
      }
    }
    if (action !== 'RevokeSecurityGroupIngress') return;
    if (!isGuard) this.revokedByHand++;
    else this.revokedByGuard.push(...revokedSecurityGroupRuleSet.flatMap((item) => this.#seeRevocation(item)));
  }

  #seeRevocation(item: Item): RevokedRule[] {
    const rule = this.#known(item);
    if (rule === undefined) return [];
    const shownAt = this.#shownRevocableAt.get(rule.securityGroupRuleId);
    const { allowedSinceMs } = rule;
    const triedAtMs = this.#witness.triedAtMs();
    return [
      {
        rule,
        lookedMsBefore: shownAt && performance.now() - shownAt,
        allowedForMs: allowedSinceMs && triedAtMs - allowedSinceMs,
      },
    ];
  }

  #seeEdit(parameters: ApiCall['parameters']): void {
    const isAllowed = parameters.get('AddEntry.1.Cidr')?.startsWith('10.') === true;
    if (!isAllowed) this.#spoiltLists.add(parameters.get('PrefixListId') ?? '');
  }

  #seeAttachment(parameters: ApiCall['parameters']): void {
    const cache = parameters.get('ReplicationGroupId') ?? parameters.get('CacheClusterId') ?? '';
    for (const [name, groupId] of parameters) {
      if (!name.startsWith('SecurityGroupIds.')) continue;
      const caches = this.#attached.get(groupId) ?? [];
      this.#attached.set(groupId, [...caches, cache]);
    }
  }

  /** What a rule of one of the groups is, as any of EC2's answers tells it. */
  #known(item: Item): KnownRule | undefined {
    const group = this.#groups.get(String(item.groupId));
    if (group === undefined) return undefined;
    const securityGroupRuleId = String(item.securityGroupRuleId);
    return {
      securityGroupRuleId,
      groupName: group.name,
      caches: [...new Set([...group.caches, ...(this.#attached.get(String(item.groupId)) ?? [])])],
      isShared: group.isShared,
      isInUse: group.isInUse === true,
      allowedSinceMs: this.#allowedSince.get(group.name) ?? this.#allowedSince.get(securityGroupRuleId),
      ipProtocol: String(item.ipProtocol),
      fromPort: Number(item.fromPort),
      toPort: Number(item.toPort),
      source: String(
        item.cidrIpv4 ?? item.cidrIpv6 ?? this.#listOf(item, group) ?? this.#referencedBy(securityGroupRuleId, item),
      ),
    };
  }

  /** A prefix list, or for one whose entries decide, one that ALLOWLIST has or has not. */
  #listOf({ prefixListId }: Item, { name }: PlannedGroup): string | undefined {
    if (typeof prefixListId !== 'string' || !name.startsWith('list-')) return prefixListId as string | undefined;
    return this.#spoiltLists.has(prefixListId) ? PREFIX_LISTS.other : PREFIX_LISTS.allowed;
  }

  /** The group that a rule refers to. Whose it is, every answer tells but Revoke's. */
  #referencedBy(securityGroupRuleId: string, item: Item): string {
    const { groupId, userId } = (item.referencedGroupInfo ?? {}) as Item;
    const owner = userId ?? item.userId;
    if (owner !== undefined) {
      const referenced = String(groupId ?? item.referencedGroupId);
      this.#referenced.set(securityGroupRuleId, `${this.#groups.get(referenced)?.name ?? referenced} of ${owner}`);
    }
    return this.#referenced.get(securityGroupRuleId) ?? 'a group of nobody knows whom';
  }
}

/** Whether a rule is disallowed, and not one that Ingress Guard holds back because others may need it, or live by it. */
export function isToBeRevoked(rule: KnownRule): boolean {
  if (rule.allowedSinceMs !== undefined) return false;
  if (rule.isInUse && isMixed(rule, rule.caches)) return false;
  return isDisallowed(rule, rule.caches) && !(rule.isShared && opensMore(rule, rule.caches));
}
