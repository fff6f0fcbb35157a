import { groupBy } from '../group-by.ts';
import { literal } from '../name-pattern.ts';
import type { ClassicAllowlistRule } from './allowlist-rule.ts';
import type { ClassicGrant } from './grant.ts';

/** A rule without its id, which depends on the others. */
export type LearntClassicRule = Omit<ClassicAllowlistRule, 'id'>;

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
 * The rules that allow exactly these grants: for each cache security group one, and more only where one would allow what is not
 * there (`web` of one owner and `db` of another are two rules, because one would also allow `db` of the first).
 */
export function learnClassicRules(
  grants: readonly ClassicGrant[],
  { wildcards }: { readonly wildcards: boolean },
): LearntClassicRule[] {
  const waysInto = groupBy(grants, ({ target }) => target.cacheSecurityGroupName);
  return [...waysInto].sort(byKey).flatMap(([cacheSecurityGroup, into]) =>
    toBlocks(into.map(toWay)).map(
      (block): LearntClassicRule => ({
        cacheSecurityGroups: [cacheSecurityGroup],
        ec2SecurityGroups: wildcards ? generalize(block.ec2SecurityGroups) : block.ec2SecurityGroups.map(literal),
        ownerIds: block.ownerIds,
        accounts: block.accounts,
        regions: block.regions,
      }),
    ),
  );
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

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
