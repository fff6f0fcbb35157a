import type { Finding } from '../../policy/finding.ts';
import { count, thousands } from '../wording.ts';

/** A place in the picture: one source or one cache security group, or, so that it stays readable, many of them. */
export interface Place {
  readonly label: string;
  readonly note: string;
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

/** Who reaches what: grants from EC2 security groups to cache security groups. */
export interface Reach {
  readonly sources: readonly Place[];
  readonly targets: readonly Place[];
  readonly ways: readonly Way[];
  /** What is not shown one by one, in words: `9,992 EC2 security groups`. */
  readonly gathered: readonly string[];
}

/** Most places on each side. */
const MOST_PLACES = 12;
/** If no more sources than this have denied grants, each of them has its own place, however many others there are. */
const MOST_DENIED_SOURCES = 8;

const OTHERS = 'others';

export function gatherReach(findings: readonly Finding[]): Reach {
  const sources = sideOf(findings, sourceKey, gatherSources, labelSource);
  const targets = sideOf(findings, targetKey, gatherTargets, labelTarget(findings));
  const ways = new Map<string, { from: number; to: number; denied: number; allowed: number }>();
  for (const finding of findings) {
    const [from, to] = [sources.indexOf(finding), targets.indexOf(finding)];
    const way = ways.get(`${from} ${to}`) ?? { from, to, denied: 0, allowed: 0 };
    way[finding.decision.effect === 'deny' ? 'denied' : 'allowed']++;
    ways.set(`${from} ${to}`, way);
  }
  return {
    sources: sources.places,
    targets: targets.places,
    ways: [...ways.values()].sort((a, b) => a.from - b.from || a.to - b.to),
    gathered: [
      ...(sources.gathered > 0 ? [count(sources.gathered, 'EC2 security group')] : []),
      ...(targets.gathered > 0 ? [count(targets.gathered, 'cache security group')] : []),
    ],
  };
}

function sourceKey({ grant: { source } }: Finding): string {
  return `${source.ec2SecurityGroupOwnerId} ${source.ec2SecurityGroupName}`;
}

function targetKey({ grant: { account, region, target } }: Finding): string {
  return `${account} ${region} ${target.cacheSecurityGroupName}`;
}

/** Which key stands for an item in the picture: its own, or that of a place for many. */
type Gather = (items: readonly Tally[]) => (item: Tally) => string;

const gatherSources: Gather = (items) => {
  const denied = items.filter((item) => item.denied > 0).map(({ key }) => key);
  const single = new Set(denied.length <= MOST_DENIED_SOURCES ? denied : []);
  const rest = items.filter(({ key }) => !single.has(key));
  const ownerOf = ({ example }: Tally) => `owner ${example.grant.source.ec2SecurityGroupOwnerId}`;
  const owners = [...mergeBy(rest, ownerOf).values()].sort(byWeight).map(({ key }) => key);
  const room = MOST_PLACES - single.size;
  const shown = new Set(owners.length <= room ? owners : owners.slice(0, room - 1));
  return (item) => (single.has(item.key) ? item.key : shown.has(ownerOf(item)) ? ownerOf(item) : OTHERS);
};

const gatherTargets: Gather = (items) => {
  const shown = new Set(items.slice(0, MOST_PLACES - 1).map(({ key }) => key));
  return ({ key }) => (shown.has(key) ? key : OTHERS);
};

type Label = (place: Tally) => Pick<Place, 'label' | 'note'>;

const labelSource: Label = ({ key, members, example }) => {
  const { ec2SecurityGroupName, ec2SecurityGroupOwnerId } = example.grant.source;
  if (key === OTHERS) return { label: 'other owners', note: count(members, 'EC2 security group') };
  if (members === 1) return { label: ec2SecurityGroupName, note: ec2SecurityGroupOwnerId };
  return { label: count(members, 'EC2 security group'), note: ec2SecurityGroupOwnerId };
};

/** A cache security group by its name, and by as much of where it is as differs. */
function labelTarget(findings: readonly Finding[]): Label {
  const differs = (part: 'account' | 'region') => new Set(findings.map(({ grant }) => grant[part])).size > 1;
  const parts = (['account', 'region'] as const).filter(differs);
  return ({ key, members, example: { grant } }) =>
    key === OTHERS
      ? { label: `${thousands(members)} others`, note: '' }
      : { label: grant.target.cacheSecurityGroupName, note: parts.map((part) => grant[part]).join(', ') };
}

interface Tally {
  readonly key: string;
  readonly example: Finding;
  /** How many sources or targets it stands for. */
  members: number;
  denied: number;
  allowed: number;
}

function sideOf(findings: readonly Finding[], keyOf: (finding: Finding) => string, gather: Gather, label: Label) {
  const items = new Map<string, Tally>();
  for (const finding of findings) {
    const key = keyOf(finding);
    const item = items.get(key) ?? { key, example: finding, members: 1, denied: 0, allowed: 0 };
    item[finding.decision.effect === 'deny' ? 'denied' : 'allowed']++;
    items.set(key, item);
  }
  const sorted = [...items.values()].sort(byWeight);
  const placeOf = sorted.length <= MOST_PLACES ? ({ key }: Tally) => key : gather(sorted);
  const places = [...mergeBy(sorted, placeOf).values()].sort(
    (a, b) => Number(a.key === OTHERS) - Number(b.key === OTHERS) || byWeight(a, b),
  );
  const indexes = new Map(places.map(({ key }, i) => [key, i]));
  return {
    places: places.map((place): Place => ({ ...label(place), denied: place.denied, allowed: place.allowed })),
    indexOf: (finding: Finding) => indexes.get(placeOf(items.get(keyOf(finding)) as Tally)) as number,
    gathered: places.reduce((sum, { members }) => sum + (members > 1 ? members : 0), 0),
  };
}

function mergeBy(items: readonly Tally[], keyOf: (item: Tally) => string): Map<string, Tally> {
  const merged = new Map<string, Tally>();
  for (const item of items) {
    const key = keyOf(item);
    const one = merged.get(key) ?? { key, example: item.example, members: 0, denied: 0, allowed: 0 };
    one.members += item.members;
    one.denied += item.denied;
    one.allowed += item.allowed;
    merged.set(key, one);
  }
  return merged;
}

/** Those with most denied grants first. */
function byWeight(a: Tally, b: Tally): number {
  return b.denied - a.denied || b.allowed - a.allowed || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}
