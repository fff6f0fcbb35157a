import type { Allowlist, ClassicRule, Rule } from './allowlist.ts';
import { type ClassicGrant, type Grant, isClassicGrant, isVpcGrant } from './grant.ts';
import { groupBy } from './group-by.ts';
import { learnVpcRules } from './learn-vpc-rules.ts';

/** How many names that begin alike become one wildcard, if wildcards are asked for. */
const ALIKE = 3;

/** One way into a cache security group: who, and where. */
interface Way {
  readonly ec2SecurityGroup: string;
  readonly ownerId: string;
  readonly account: string;
  readonly region: string;
}

/**
 * The smallest readable allowlist that allows exactly these grants, where they are: one rule for each cache security
 * group and for each cache, and more only where one would allow what is not there (`web` of one owner and `db` of another are two
 * rules, because one would also allow `db` of the first).
 *
 * @param wildcards put one pattern (`web-*`) in the place of three or more EC2 security groups whose names begin alike up
 * to a hyphen. The allowlist then allows more than the grants.
 */
export function learnAllowlist(grants: readonly Grant[], { wildcards }: { readonly wildcards: boolean }): Allowlist {
  const waysInto = groupBy(grants.filter(isClassicGrant), ({ target }) => target.cacheSecurityGroupName);
  const classic = [...waysInto].sort(byKey).flatMap(([cacheSecurityGroup, into]) => {
    const blocks = toBlocks(into.map(toWay));
    return blocks.map(
      (block, i): ClassicRule => ({
        id: blocks.length === 1 ? toId(cacheSecurityGroup) : `${toId(cacheSecurityGroup)}-${i + 1}`,
        cacheSecurityGroups: [cacheSecurityGroup],
        ec2SecurityGroups: wildcards ? generalize(block.ec2SecurityGroups) : block.ec2SecurityGroups.map(literal),
        ownerIds: block.ownerIds,
        accounts: block.accounts,
        regions: block.regions,
      }),
    );
  });
  const ofCaches = [...groupBy(learnVpcRules(grants.filter(isVpcGrant)), ({ caches }) => caches.join())];
  const vpc = ofCaches.flatMap(([cache, rules]) =>
    rules.map((rule, i): Rule => ({ id: rules.length === 1 ? toId(cache) : `${toId(cache)}-${i + 1}`, ...rule })),
  );
  return { version: 1, rules: withUniqueIds([...classic, ...vpc]) };
}

interface Block {
  readonly ec2SecurityGroups: readonly string[];
  readonly ownerIds: readonly string[];
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

/**
 * Merges ways into blocks, each of which stands for every combination of its parts: names first, then owners, regions and
 * accounts. Ways that differ in one part only, and are alike in all others, go together, so that no combination is new.
 */
function toBlocks(ways: readonly Way[]): Block[] {
  const single = ways.map(
    ({ ec2SecurityGroup, ownerId, account, region }): Block => ({
      ec2SecurityGroups: [ec2SecurityGroup],
      ownerIds: [ownerId],
      accounts: [account],
      regions: [region],
    }),
  );
  const parts = ['ec2SecurityGroups', 'ownerIds', 'regions', 'accounts'] as const;
  const blocks = parts.reduce((merged, part) => mergeAlong(merged, part), single);
  // Whatever the order in which the grants came: who learns again compares with what was learnt before.
  return blocks.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function mergeAlong(blocks: readonly Block[], part: keyof Block): Block[] {
  const alike = groupBy(blocks, (block) => JSON.stringify({ ...block, [part]: [] }));
  return [...alike.values()].map((same): Block => {
    const values = new Set(same.flatMap((block) => block[part]));
    return { ...(same[0] as Block), [part]: [...values].sort() };
  });
}

function toWay({ account, region, source }: ClassicGrant): Way {
  const { ec2SecurityGroupName, ec2SecurityGroupOwnerId } = source;
  // Within one account, `self` and the account's own id are the same; `self` says what is meant.
  const ownerId = ec2SecurityGroupOwnerId === account ? 'self' : ec2SecurityGroupOwnerId;
  return { ec2SecurityGroup: ec2SecurityGroupName, ownerId, account, region };
}

/** `web-1`, `web-2`, `web-3` and `db` become `web-*` and `db`. */
function generalize(names: readonly string[]): string[] {
  const patterns = [...groupBy(names, (name) => name.slice(0, name.indexOf('-') + 1))].flatMap(([beginning, alike]) =>
    beginning !== '' && alike.length >= ALIKE ? [`${literal(beginning)}*`] : alike.map(literal),
  );
  return patterns.sort();
}

/** A name as a pattern that stands for it alone. */
function literal(name: string): string {
  return name.replace(/[*?\\]/g, '\\$&');
}

/** An id begins with a letter or digit and has up to 128 characters; a name need not, and room for numbers is left. */
function toId(cacheSecurityGroup: string): string {
  return `${cacheSecurityGroup.startsWith('-') ? 'x' : ''}${cacheSecurityGroup.slice(0, 100)}`;
}

/** `sessions-1` can be both a group's own name and the first of two rules for `sessions`. No name has a dot in it. */
function withUniqueIds(rules: readonly Rule[]): Rule[] {
  const taken = new Map<string, number>();
  return rules.map((rule) => {
    const times = (taken.get(rule.id) ?? 0) + 1;
    taken.set(rule.id, times);
    return { ...rule, id: times === 1 ? rule.id : `${rule.id}.${times}` };
  });
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
