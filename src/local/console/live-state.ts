import type { LocalAws } from '../local-aws.ts';
import type { ApiCall } from '../service.ts';
import type { Evaluation, Evaluator } from './evaluator.ts';
import { History } from './history.ts';
import type { About, Advice, Change, Entry, PlaceId, PlacesView, State } from './messages.ts';
import { viewPlace } from './place-view.ts';

/** How many accounts and regions of an organization the page shows. */
const MOST_PLACES = 50;
/** Changes closer together than this are one message, in milliseconds. */
const SHORTEST_PAUSE = 30;

/** What the page shows, kept up to date. */
export interface LiveState {
  /** Everything as it is known now; what is not evaluated yet comes as a change. */
  read(): State;
  /** See `Evaluator.advise`. @returns `undefined` if that decision is not kept any more, or nothing evaluates. */
  advise(entryId: number, index: number): Promise<Advice | undefined>;
  stop(): void;
}

export interface HowToFollow {
  readonly about: About;
  /** Not there when Ingress Guard is not deployed. */
  readonly evaluator?: Evaluator;
  /** After how many milliseconds what a call changed changes by itself: a grant is authorized, a cache is available. */
  readonly settlesAfterMs: readonly number[];
  /** Whether anyone looks: what no one sees is not evaluated. */
  readonly isWatched: () => boolean;
}

/**
 * Follows a local AWS: what the functions decide, and what stands. What stands is looked at after each call that changed something, and
 * evaluated again.
 */
export function followState(
  aws: LocalAws,
  { about, evaluator, settlesAfterMs, isWatched }: HowToFollow,
  publish: (change: Change) => void,
): LiveState {
  const changed = new Set<Entry>();
  const history = new History((entry) => {
    changed.add(entry);
    lookAt(0);
  });
  let evaluation: Evaluation | undefined;
  let shown = '';
  const lookTimes = new Set<number>();
  let timer: NodeJS.Timeout | undefined;
  let notBefore = 0;
  let isLooking = false;
  let hasStopped = false;

  /** Looks after so many milliseconds, but never all the time. */
  function lookAt(afterMs: number): void {
    lookTimes.add(Date.now() + afterMs);
    schedule();
  }

  function schedule(): void {
    clearTimeout(timer);
    if (hasStopped || isLooking || lookTimes.size === 0) return;
    const at = Math.max(Math.min(...lookTimes), notBefore);
    timer = setTimeout(() => void look(), Math.max(0, at - Date.now()));
    timer.unref();
  }

  async function look(): Promise<void> {
    const start = Date.now();
    isLooking = true;
    for (const at of lookTimes) if (at <= start) lookTimes.delete(at);
    // What happened is shown at once; to evaluate what stands takes longer.
    send();
    if (evaluator !== undefined && isWatched()) {
      evaluation = await evaluator.evaluate(placesOf(aws, about.regions).shown.map(toPlaceId));
      send();
    }
    isLooking = false;
    // A large account takes longer to look at, so it is looked at less often.
    notBefore = Date.now() + Math.max(SHORTEST_PAUSE, 3 * (Date.now() - start));
    schedule();
  }

  function send(): void {
    if (hasStopped) return;
    const view = viewPlaces();
    const now = JSON.stringify(view);
    const entries = history.entries.filter((entry) => changed.has(entry));
    changed.clear();
    if (entries.length > 0 || now !== shown) publish({ ...(now !== shown && view), entries: entries.map(toShown) });
    shown = now;
  }

  function viewPlaces(): PlacesView {
    const { shown: places, more } = placesOf(aws, about.regions);
    const reportedOf = (key: string) => history.reportedOf(key);
    const known = { evaluation: evaluator && (evaluation ?? NOTHING_YET), reportedOf };
    return { places: places.map(({ account, region }) => viewPlace(account, region, known)), morePlaces: more };
  }

  function onCall(call: ApiCall): void {
    if (call.readOnly || call.error !== undefined) return;
    lookAt(0);
    // A moment later than that: timers can be early.
    for (const ms of settlesAfterMs) if (ms > 0) lookAt(ms + 20);
  }

  aws.events.on('call', onCall);
  const unfollow = evaluator === undefined ? () => {} : history.follow(aws);
  return {
    read() {
      // Changes are sent against what was sent last: a new client begins where all others are.
      send();
      lookAt(0);
      return { about, ...viewPlaces(), entries: history.entries.map(toShown) };
    },
    async advise(entryId, index) {
      const line = history.lineOf(entryId, index);
      return line === undefined ? undefined : await evaluator?.advise(line);
    },
    stop() {
      hasStopped = true;
      clearTimeout(timer);
      aws.events.off('call', onCall);
      unfollow();
    },
  };
}

const NOTHING_YET: Evaluation = { verdicts: new Map(), problems: new Map() };

/** Those of these regions where something was looked at or made. */
function placesOf({ accounts }: LocalAws, regions: readonly string[]) {
  const all = accounts.list().flatMap((account) =>
    // Of the others, an organization has thousands.
    (account === accounts.home ? regions.flatMap((name) => account.region(name) ?? []) : account.openRegions())
      .filter(({ name }) => regions.includes(name))
      .map((region) => ({ account, region })),
  );
  return { shown: all.slice(0, MOST_PLACES), more: Math.max(0, all.length - MOST_PLACES) };
}

function toPlaceId({ account, region }: ReturnType<typeof placesOf>['shown'][number]): PlaceId {
  return { account: account.id, region: region.name };
}

/** Without what only the server needs. */
function toShown(entry: Entry): Entry {
  const { lines: _, ...shown } = entry as Entry & { lines?: unknown };
  return shown;
}
