import type { NotJudged } from '../policy/finding.ts';
import { placeKey } from '../policy/place.ts';
import {
  describeNotJudged,
  WHY_NOT_JUDGED,
  WHY_NOT_WATCHED,
  type WhyNotJudged,
  type WhyNotWatched,
} from '../policy/target.ts';
import type { AuditReport, ReportTarget } from './audit-report.ts';
import { count, list } from './wording.ts';

/** An account of an organization, and its targets. */
export interface TargetAccount {
  readonly account: string;
  readonly name?: string | undefined;
}

/** Targets that were not evaluated, or whose events are not watched, for one reason. */
export interface TargetGroup {
  readonly title: string;
  /** What to do about it: a sentence. */
  readonly remedy: string;
  readonly targets: readonly ReportTarget[];
  /** By id, each once. */
  readonly accounts: readonly TargetAccount[];
  /** What AWS answered, where that is known: the first few different answers. */
  readonly details: readonly string[];
}

const REMEDIES: Readonly<Record<WhyNotJudged, string>> = {
  'member-role-missing':
    'look whether the stack set has deployed the member roles to these accounts. It does not reach the management account: deploy the template there yourself.',
  'denied-by-service-control-policy':
    'exempt the member roles in the service control policy, or take the region out of `regions` in the settings.',
  'access-denied':
    'compare the permissions of the member role with those of the template, and update the stack set in these accounts.',
  throttled: 'the next audit tries again. If it stays so, evaluate fewer accounts at once.',
  'no-time-left': 'the next audit tries again. If it stays so, give the audit more time, or evaluate fewer regions.',
  'region-list-not-readable': 'allow `ec2:DescribeRegions` to the member role in these accounts.',
  'in-part': 'see what could not be evaluated in each of them, below.',
  'no-result':
    'look at the log of the function that evaluates accounts, at the time of this audit, for these accounts.',
  error: 'look at the errors, correct what they name, and audit again.',
};

const NOT_WATCHED: Readonly<Record<WhyNotWatched, readonly [string, string]>> = {
  'rule-disabled': ['the EventBridge rule is disabled', 'enable the rule, and find out who disabled it.'],
  'rule-missing': ['the EventBridge rule is missing', 'look whether the stack set has deployed to these places.'],
  'other-pattern': ['the EventBridge rule has another pattern', 'update the stack set in these places.'],
  'other-target': ['the EventBridge rule has another target', 'update the stack set in these places.'],
  'undelivered-events': [
    'events lie undelivered in the dead-letter queue of the member',
    'look at the policy of the event bus of the hub, and send the events again.',
  ],
  'queue-missing': [
    'the queue for events that could not be delivered is missing',
    'update the stack set in these places: until then, an event that cannot be sent is lost.',
  ],
  'stack-instance-not-current': ['the stack of the member is not current', 'update the stack set in these places.'],
  'not-readable': [
    'the state of the EventBridge rule or its queue could not be read',
    'compare the permissions of the member role with those of the template.',
  ],
};

/** How many different answers of AWS a group gives. */
const MOST_DETAILS = 3;

/** What was not evaluated, by cause: the cause with the most targets first. */
export function notEvaluatedGroups({ targets = [] }: AuditReport): TargetGroup[] {
  return WHY_NOT_JUDGED.flatMap((why) => {
    const alike = targets.filter((one) => one.status === 'not-judged' && one.why === why);
    return toGroup(describeNotJudged(why), REMEDIES[why], alike, (one) => ('detail' in one ? one.detail : undefined));
  }).toSorted(byTargets);
}

/** The targets whose events do not reach the hub, by cause. */
export function notWatchedGroups({ targets = [] }: AuditReport): TargetGroup[] {
  return WHY_NOT_WATCHED.flatMap((why) => {
    const alike = targets.filter((one) => whyNotWatched(one)?.why === why);
    return toGroup(...NOT_WATCHED[why], alike, (one) => whyNotWatched(one)?.detail);
  }).toSorted(byTargets);
}

function toGroup(
  title: string,
  remedy: string,
  targets: readonly ReportTarget[],
  detailOf: (target: ReportTarget) => string | undefined,
): TargetGroup[] {
  if (targets.length === 0) return [];
  const accounts = [...new Map(targets.map((one) => [one.account, one])).values()];
  const details = [...new Set(targets.flatMap((one) => detailOf(one) ?? []))].sort().slice(0, MOST_DETAILS);
  return [{ title, remedy, targets, accounts, details }];
}

function byTargets(a: TargetGroup, b: TargetGroup): number {
  return b.targets.length - a.targets.length;
}

function whyNotWatched(target: ReportTarget) {
  return 'events' in target && target.events?.status === 'not-watched' ? target.events : undefined;
}

/** Whether the events of a target are known not to reach the hub. */
export function isNotWatched(target: ReportTarget): boolean {
  return whyNotWatched(target) !== undefined;
}

/** How many targets there are of each status. */
function countTargets({ targets = [] }: AuditReport) {
  const of = (status: ReportTarget['status']): number => targets.filter((one) => one.status === status).length;
  return {
    all: targets.length,
    accounts: new Set(targets.map(({ account }) => account)).size,
    judged: of('judged'),
    notJudged: of('not-judged'),
    notApplicable: of('not-applicable'),
    excluded: of('excluded'),
    notWatched: targets.filter(isNotWatched).length,
  };
}

/** `8,500 places in 500 accounts: 8,075 evaluated, 340 not evaluated, 85 not applicable`. */
export function describeTargetCounts(report: AuditReport): string {
  const { all, accounts, judged, notJudged, notApplicable, excluded } = countTargets(report);
  const parts = [
    `${count(judged, 'evaluated', 'evaluated')}`,
    ...(notJudged > 0 ? [count(notJudged, 'not evaluated', 'not evaluated')] : []),
    ...(notApplicable > 0 ? [count(notApplicable, 'not applicable', 'not applicable')] : []),
    ...(excluded > 0 ? [count(excluded, 'excluded', 'excluded')] : []),
  ];
  return `${count(all, 'place')} in ${count(accounts, 'account')}: ${parts.join(', ')}`;
}

/** What to know of the targets of an organization, a sentence each: what was not evaluated comes first. */
export function describeTargets(report: AuditReport): string[] {
  if (report.targets === undefined) return [];
  const groups = notEvaluatedGroups(report);
  const { notJudged, notWatched } = countTargets(report);
  const causes = groups.map(({ title, accounts, targets }) => {
    return `${title} (${count(targets.length, 'place')} in ${count(accounts.length, 'account')})`;
  });
  return [
    ...(notJudged > 0
      ? [`${count(notJudged, 'place was', 'places were')} not evaluated: ${list(causes, 'and')}.`]
      : []),
    ...(notWatched > 0
      ? [
          `The events of ${count(notWatched, 'place do', 'places do')} not reach the hub: only audits see what happens there.`,
        ]
      : []),
  ];
}

/** What is named as not evaluated, without what the groups say already: all of a target. */
export function notJudgedBesideGroups(notJudged: readonly NotJudged[], { targets = [] }: AuditReport): NotJudged[] {
  const grouped = new Set(targets.flatMap((one) => (one.status === 'not-judged' ? placeKey(one) : [])));
  return notJudged.filter((one) => one.what !== 'all of it' || !grouped.has(placeKey(one)));
}

/** The name of each account, where it is known. */
export function accountNames({ targets = [] }: Pick<AuditReport, 'targets'>): ReadonlyMap<string, string> {
  return new Map(targets.flatMap(({ account, name }) => (name === undefined ? [] : [[account, name]])));
}

/** `111122223333 (shop-prod)`, or the id alone. */
export function describeAccount({ account, name }: TargetAccount): string {
  return name === undefined ? account : `${account} (${name})`;
}
