import type { LocalAws } from '../local-aws.ts';
import type { ApiCall } from '../service.ts';
import { DecisionHistory, grantOf, keyOf } from './decision-history.ts';
import type { About, Change, Entry, GroupsView, GroupView, State } from './messages.ts';

/** How much of a large account the page shows. */
const MOST_GROUPS = 200;
const MOST_GRANTS = 100;
/** Changes closer together than this are one message, in milliseconds. */
const SHORTEST_PAUSE = 30;

/** What the page shows, kept up to date. */
export interface LiveState {
  read(): State;
  stop(): void;
}

/**
 * Follows a local AWS: its decisions, and its groups, whose grants change with the time as well as by calls.
 *
 * @param transitionMs how long a grant is authorizing, and revoking: when to look again.
 */
export function followState(
  aws: LocalAws,
  { about, transitionMs }: { readonly about: About; readonly transitionMs: number },
  publish: (change: Change) => void,
): LiveState {
  const changed = new Set<Entry>();
  const history = new DecisionHistory((entry) => {
    changed.add(entry);
    lookIn(0);
  });
  /** The grants on their way, by key: when to look whether they have arrived, and, for those that go, their entry. */
  const onTheirWay = new Map<string, { at: number; readonly going: Entry | undefined }>();
  let shown = JSON.stringify(viewGroups(aws, about.regions, history).view);
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let notBefore = 0;

  /** Looks after so many milliseconds, or sooner if that was asked for already, but never all the time. */
  function lookIn(ms: number): void {
    const at = Math.max(Date.now() + ms, notBefore);
    if (at >= timerAt) return;
    clearTimeout(timer);
    timerAt = at;
    timer = setTimeout(look, Math.max(0, at - Date.now()));
    timer.unref();
  }

  function look(): void {
    const start = Date.now();
    timerAt = Number.POSITIVE_INFINITY;
    const { view, statusOf } = viewGroups(aws, about.regions, history);
    for (const [key, way] of onTheirWay) {
      if (way.at > start) continue;
      const status = statusOf.get(key);
      if (way.going !== undefined && status === undefined) history.noteGone(way.going);
      if (status === 'authorizing' || status === 'revoking') way.at = start + SHORTEST_PAUSE;
      else onTheirWay.delete(key);
    }
    const now = JSON.stringify(view);
    const entries = history.entries.filter((entry) => changed.has(entry));
    changed.clear();
    if (entries.length > 0 || now !== shown) publish({ ...(now !== shown && view), entries });
    shown = now;
    // A large account takes longer to look at, so it is looked at less often.
    notBefore = Date.now() + Math.max(SHORTEST_PAUSE, 10 * (Date.now() - start));
    if (onTheirWay.size > 0) lookIn(Math.min(...[...onTheirWay.values()].map(({ at }) => at)) - Date.now());
  }

  function onCall(call: ApiCall): void {
    if (call.readOnly || call.error !== undefined) return;
    const at = Date.now() + transitionMs;
    const key = keyOf(grantOf(call));
    if (call.action === 'AuthorizeCacheSecurityGroupIngress') {
      // It could only be authorized again because it was gone.
      const gone = onTheirWay.get(key)?.going;
      if (gone !== undefined) history.noteGone(gone);
      onTheirWay.set(key, { at, going: undefined });
    } else if (call.action === 'RevokeCacheSecurityGroupIngress') {
      onTheirWay.set(key, { at, going: history.latestOf(grantOf(call)) });
    }
    lookIn(0);
  }

  aws.events.on('call', onCall);
  const unfollow = history.follow(aws);
  return {
    read: () => ({ about, ...viewGroups(aws, about.regions, history).view, entries: history.entries }),
    stop() {
      clearTimeout(timer);
      timerAt = Number.NEGATIVE_INFINITY;
      aws.events.off('call', onCall);
      unfollow();
    },
  };
}

/** The groups of these regions as the page shows them, and the status of every grant by its key. */
function viewGroups(aws: LocalAws, regions: readonly string[], history: DecisionHistory) {
  const statusOf = new Map<string, string>();
  const groups: GroupView[] = [];
  let moreGroups = 0;
  for (const region of regions) {
    for (const { CacheSecurityGroupName: name, Description: description, EC2SecurityGroups } of aws.list(region)) {
      const grants = EC2SecurityGroups.map((listed) => {
        const { Status: status, EC2SecurityGroupName, EC2SecurityGroupOwnerId } = listed;
        const grant = {
          region,
          cacheSecurityGroupName: name,
          ec2SecurityGroupName: EC2SecurityGroupName,
          ec2SecurityGroupOwnerId: EC2SecurityGroupOwnerId,
        };
        statusOf.set(keyOf(grant), status);
        return { grant, status };
      });
      if (groups.length === MOST_GROUPS) {
        moreGroups++;
        continue;
      }
      const moreGrants = Math.max(0, grants.length - MOST_GRANTS);
      groups.push({
        region,
        name,
        description,
        moreGrants,
        grants: grants.slice(0, MOST_GRANTS).map(({ grant, status }) => {
          const { verdict, why } = history.latestOf(grant) ?? {};
          const { ec2SecurityGroupName, ec2SecurityGroupOwnerId } = grant;
          return {
            ec2SecurityGroupName,
            ec2SecurityGroupOwnerId,
            status,
            ...(verdict !== undefined && { verdict }),
            ...(why?.[0] !== undefined && { why: why[0] }),
          };
        }),
      });
    }
  }
  const view: GroupsView = { groups, moreGroups };
  return { view, statusOf };
}
