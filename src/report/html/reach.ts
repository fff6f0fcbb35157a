import type { Finding } from '../../policy/finding.ts';
import type { Grant } from '../../policy/grant.ts';
import { type GrantWords, grantWords, isForEverybody, UNKNOWN_OWNER } from '../grant-words.ts';
import { count, list } from '../wording.ts';

/** A point of the picture: one source or one target. It can stand for many, so that the picture stays readable. */
export interface Point {
  readonly label: string;
  readonly note: string;
  /** Every address there is. */
  readonly isEverybody: boolean;
  readonly denied: number;
  readonly allowed: number;
}

export interface Way {
  /** Indexes into sources and targets. */
  readonly from: number;
  readonly to: number;
  readonly denied: number;
  readonly allowed: number;
}

/** Who reaches what: EC2 security groups the cache security groups; security groups, CIDRs and prefix lists the caches. */
export interface Reach {
  readonly sources: readonly Point[];
  readonly targets: readonly Point[];
  readonly ways: readonly Way[];
  /** What each side is made of: `EC2 security groups`, `CIDRs`. */
  readonly sourceKinds: readonly Kind[];
  readonly targetKinds: readonly Kind[];
  /** What is not shown one by one, in words: `9,992 EC2 security groups`. */
  readonly gathered: readonly string[];
}

export type Kind = GrantWords['sourceKind'] | GrantWords['targetKind'];

/** Most points on each side. */
const MOST_POINTS = 12;
/** Most points for sources that are nearly everybody. */
const MOST_EVERYBODY = 4;
/** If no more sources than this have denied grants, each of them has its own point, however many others there are. */
const MOST_DENIED_SOURCES = 8;

const OTHERS = 'others';

export function gatherReach(findings: readonly Finding[]): Reach {
  const sources = sideOf(findings, sourceKey, kindOfSource, gatherSources, labelSource);
  const targets = sideOf(findings, targetKey, kindOfTarget, gatherTargets, labelTarget(findings));
  const ways = new Map<string, { from: number; to: number; denied: number; allowed: number }>();
  for (const finding of findings) {
    const [from, to] = [sources.indexOf(finding), targets.indexOf(finding)];
    const way = ways.get(`${from} ${to}`) ?? { from, to, denied: 0, allowed: 0 };
    way[finding.decision.effect === 'deny' ? 'denied' : 'allowed']++;
    ways.set(`${from} ${to}`, way);
  }
  return {
    sources: sources.points,
    targets: targets.points,
    ways: [...ways.values()].sort((a, b) => a.from - b.from || a.to - b.to),
    sourceKinds: sources.kinds,
    targetKinds: targets.kinds,
    gathered: [...countKinds(sources.gathered), ...countKinds(targets.gathered)],
  };
}

const kindOfSource = ({ grant }: Finding): Kind => grantWords(grant).sourceKind;
const kindOfTarget = ({ grant }: Pick<Finding, 'grant'>): Kind => grantWords(grant).targetKind;

function sourceKey({ grant }: Finding): string {
  const { sourceKind, source, owner } = grantWords(grant);
  return `${sourceKind} ${owner} ${source}`;
}

/** A cache is one point, whichever of its ports are reached. */
function targetKey({ grant }: Finding): string {
  return `${kindOfTarget({ grant })} ${grant.account} ${grant.region} ${nameOfTarget(grant)}`;
}

function nameOfTarget(grant: Grant): string {
  return grant.kind === 'vpc' ? grant.target.cacheName : grant.target.cacheSecurityGroupName;
}

/** Which key stands for an item in the picture: its own, or that of a point for many. */
type Gather = (items: readonly Tally[]) => (item: Tally) => string;

const gatherSources: Gather = (items) => {
  // Anyone can make a great many wide ranges: those that are really everybody come first.
  const everybody = items
    .filter(({ example }) => isForEverybody(example.grant))
    .map(({ key }) => key)
    .toSorted((a, b) => Number(b.endsWith('/0')) - Number(a.endsWith('/0')))
    .slice(0, MOST_EVERYBODY);
  const denied = items.filter((item) => item.denied > 0).map(({ key }) => key);
  const single = new Set([...everybody, ...(denied.length <= MOST_DENIED_SOURCES ? denied : [])]);
  const rest = items.filter(({ key }) => !single.has(key));
  const alike = ({ example: { grant } }: Tally) => {
    const { sourceKind, owner } = grantWords(grant);
    return `all ${sourceKind} of ${owner}`;
  };
  const points = [...mergeBy(rest, alike).values()].sort(byWeight).map(({ key }) => key);
  const room = MOST_POINTS - single.size;
  const shown = new Set(points.length <= room ? points : points.slice(0, room - 1));
  return (item) => (single.has(item.key) ? item.key : shown.has(alike(item)) ? alike(item) : OTHERS);
};

const gatherTargets: Gather = (items) => {
  const shown = new Set(items.slice(0, MOST_POINTS - 1).map(({ key }) => key));
  return ({ key }) => (shown.has(key) ? key : OTHERS);
};

type Label = (point: Tally) => Pick<Point, 'label' | 'note'>;

const labelSource: Label = ({ key, members, example: { grant } }) => {
  const { source, owner } = grantWords(grant);
  const many = list(countKinds(members), 'and');
  if (key === OTHERS) return { label: 'others', note: many };
  if (sizeOf(members) > 1) return { label: many, note: owner };
  if (isForEverybody(grant)) return { label: 'everybody', note: source };
  return { label: source, note: owner === UNKNOWN_OWNER ? 'owner not known' : owner };
};

/** A target by its name, and by as much of where it is as differs. */
function labelTarget(findings: readonly Finding[]): Label {
  const differs = (part: 'account' | 'region') => new Set(findings.map(({ grant }) => grant[part])).size > 1;
  const parts = (['account', 'region'] as const).filter(differs);
  const isMixed = new Set(findings.map(kindOfTarget)).size > 1;
  return ({ key, members, example }) => {
    const { grant } = example;
    if (key === OTHERS) return { label: 'others', note: list(countKinds(members), 'and') };
    const kind = isMixed ? [kindOfTarget(example)] : [];
    return { label: nameOfTarget(grant), note: [...kind, ...parts.map((part) => grant[part])].join(', ') };
  };
}

interface Tally {
  readonly key: string;
  readonly example: Finding;
  /** How many sources or targets it stands for, by kind. */
  readonly members: Members;
  denied: number;
  allowed: number;
}

type Members = Map<Kind, number>;

function sizeOf(members: Members): number {
  return [...members.values()].reduce((sum, number) => sum + number, 0);
}

/** `9 CIDRs`, `1 prefix list` */
function countKinds(members: Members): string[] {
  return [...members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, number]) => count(number, kind));
}

function addMembers(sum: Members, members: Members): void {
  for (const [kind, number] of members) sum.set(kind, (sum.get(kind) ?? 0) + number);
}

function sideOf(
  findings: readonly Finding[],
  keyOf: (finding: Finding) => string,
  kindOf: (finding: Finding) => Kind,
  gather: Gather,
  label: Label,
) {
  const items = new Map<string, Tally>();
  for (const finding of findings) {
    const key = keyOf(finding);
    const item = items.get(key) ?? {
      key,
      example: finding,
      members: new Map([[kindOf(finding), 1]]),
      denied: 0,
      allowed: 0,
    };
    item[finding.decision.effect === 'deny' ? 'denied' : 'allowed']++;
    items.set(key, item);
  }
  const sorted = [...items.values()].sort(byWeight);
  const pointOf = sorted.length <= MOST_POINTS ? ({ key }: Tally) => key : gather(sorted);
  const points = [...mergeBy(sorted, pointOf).values()].sort((a, b) => rankOf(a) - rankOf(b) || byWeight(a, b));
  const indexes = new Map(points.map(({ key }, i) => [key, i]));
  const gathered: Members = new Map();
  for (const { members } of points) if (sizeOf(members) > 1) addMembers(gathered, members);
  return {
    points: points.map((point): Point => {
      const { denied, allowed } = point;
      return { ...label(point), isEverybody: isEverybody(point), denied, allowed };
    }),
    indexOf: (finding: Finding) => indexes.get(pointOf(items.get(keyOf(finding)) as Tally)) as number,
    kinds: [...new Set(findings.map(kindOf))].sort(),
    gathered,
  };
}

function mergeBy(items: readonly Tally[], keyOf: (item: Tally) => string): Map<string, Tally> {
  const merged = new Map<string, Tally>();
  for (const item of items) {
    const key = keyOf(item);
    const one = merged.get(key) ?? { key, example: item.example, members: new Map(), denied: 0, allowed: 0 };
    addMembers(one.members, item.members);
    one.denied += item.denied;
    one.allowed += item.allowed;
    merged.set(key, one);
  }
  return merged;
}

/** Everybody first, and last what is too much to show. */
function rankOf(point: Tally): number {
  return isEverybody(point) ? 0 : point.key === OTHERS ? 2 : 1;
}

/** The point is that of a source, of which `others` can be more. */
function isEverybody({ key, members, example }: Tally): boolean {
  return OF_ONE_SOURCE.test(key) && sizeOf(members) === 1 && isForEverybody(example.grant);
}

const OF_ONE_SOURCE = /^(CIDR|prefix list|public endpoint) /;

/** Those with most denied grants first. */
function byWeight(a: Tally, b: Tally): number {
  return b.denied - a.denied || b.allowed - a.allowed || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}
