import type { BusEvent } from '../cloudtrail-record.ts';
import type { Attempt } from '../lambda.ts';
import type { LocalAws } from '../local-aws.ts';
import type { LocalAwsEvents } from '../local-aws-events.ts';
import type { ApiCall } from '../service.ts';
import { type DecisionLine, readDecisionLine, textOf, whyOf } from './decision-line.ts';
import type { Decided, Entry, PlaceId, Reported, Step } from './messages.ts';

const MOST_ENTRIES = 200;
const MOST_STEPS = 24;
/** How many grants of one event or one audit are shown. */
const MOST_DECIDED = 20;
/** How many calls and events are remembered, to say when they were. */
const MOST_REMEMBERED = 2000;

/** Calls that open something by themselves: they are shown at once. Any other is when a function decides something because of it. */
const OPENING = ['AuthorizeSecurityGroupIngress', 'ModifySecurityGroupRules', 'AuthorizeCacheSecurityGroupIngress'];

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };

interface Kept extends Changing<Omit<Entry, 'steps' | 'decided'>> {
  readonly steps: Step[];
  readonly decided: Changing<Decided>[];
  /** For each of `decided`: which grant it is of, and the line that says it. */
  readonly lines: { readonly key: string; raw: unknown }[];
}

interface Seen {
  readonly at: number;
  readonly title: string;
  readonly place: PlaceId;
}

/** An event that no entry is of yet, and when a function began with it. */
interface Delivered extends Seen {
  readonly deliveredAt: number;
  readonly started?: { readonly functionName: string; readonly at: number };
}

/**
 * What the functions decided last: the last 200 events and audits with the outcomes of their grants. Outcomes and reasons come
 * from the `decision` lines that the functions print, and from what they answer; the calls and events of the local AWS say
 * when it was. Memory is bounded, however long it runs and whatever the values hold.
 */
export class History {
  /** Oldest first. */
  readonly entries: Entry[] = [];
  readonly #onChange: (entry: Entry) => void;
  readonly #calls = new Map<string, Seen>();
  readonly #byRequest = new Map<string, Kept>();
  readonly #byEvent = new Map<string, Kept>();
  readonly #byRun = new Map<string, Kept>();
  /** The events that no entry is of, by CloudTrail's id. */
  readonly #events = new Map<string, Delivered>();
  readonly #reported = new Map<string, { readonly entry: Kept; readonly reported: Reported }>();
  #lastId = 0;

  constructor(onChange: (entry: Entry) => void) {
    this.#onChange = onChange;
  }

  /** Follows a local AWS until the function it returns is called. */
  follow({ events }: LocalAws): () => void {
    const listeners: { readonly [Name in keyof LocalAwsEvents]?: (...of: LocalAwsEvents[Name]) => void } = {
      call: (call) => this.#noteCall(call),
      event: (event) => this.#noteEvent(event),
      invoked: ({ event, functionName }) => this.#noteStart(event, functionName),
      output: ({ line }) => this.#noteLine(line),
      attempt: ({ event, attempt, number }) => this.#noteAttempt(event, attempt, number),
      deadLetter: ({ event }) =>
        this.#step(this.#entryOf(event), 'dead-letter', 'Lambda gives up: the event is in the dead-letter queue'),
    };
    const names = Object.keys(listeners) as (keyof LocalAwsEvents)[];
    for (const name of names) events.on(name, listeners[name] as never);
    return () => {
      for (const name of names) events.off(name, listeners[name] as never);
    };
  }

  /** What a function reported last of a rule or a grant. */
  reportedOf(key: string): Reported | undefined {
    return this.#reported.get(key)?.reported;
  }

  /** The decision line of a grant of an entry; `undefined` if it is not kept. */
  lineOf(entryId: number, index: number): unknown {
    return (this.entries.find(({ id }) => id === entryId) as Kept | undefined)?.lines[index]?.raw;
  }

  #noteCall({ requestId, action, readOnly, error, principal, region }: ApiCall): void {
    if (readOnly) return;
    const seen = { at: Date.now(), title: action, place: { account: principal.accountId, region } };
    remember(this.#calls, requestId, seen);
    if (error !== undefined || !OPENING.includes(action)) return;
    const entry = this.#begin(seen);
    this.#byRequest.set(requestId, entry);
    this.#onChange(entry);
  }

  #noteEvent(event: BusEvent): void {
    const { eventID, requestID, eventName, readOnly } = detailOf(event);
    if (eventID === '' || readOnly) return;
    const known = this.#byRequest.get(requestID);
    const now = Date.now();
    if (known !== undefined) {
      this.#byEvent.set(eventID, known);
      this.#step(known, 'event', 'EventBridge delivers it');
    } else if (!this.#byEvent.has(eventID)) {
      const place = { account: textOf(event.account), region: textOf(event.region) };
      const call = this.#calls.get(requestID) ?? { at: now, title: eventName || 'An event', place };
      remember(this.#events, eventID, { ...call, deliveredAt: now });
    }
  }

  #noteStart(event: BusEvent, functionName: string): void {
    const { eventID } = detailOf(event);
    const delivered = this.#events.get(eventID);
    if (delivered !== undefined) this.#events.set(eventID, { ...delivered, started: { functionName, at: Date.now() } });
    this.#step(this.#byEvent.get(eventID), 'start', `${functionName} starts`);
  }

  #noteLine(text: string): void {
    const line = readDecisionLine(text);
    if (line === undefined) return;
    const entry = this.#entryFor(line);
    if (line.decided === undefined) {
      if (entry.decided.length === 0) Object.assign(entry, { outcome: line.outcome, why: line.why });
    } else this.#decide(entry, line, line.decided);
    const revokedAt = this.#calls.get(line.revocationRequestId ?? '')?.at;
    if (revokedAt !== undefined && line.outcome === 'revoked') {
      this.#step(entry, 'revoked', 'Revoke accepted', revokedAt);
      // Of what another call pointed to, such as a new cache, it is not known here since when it stood.
      if (OPENING.includes(entry.title)) entry.stoodMs ??= Math.max(0, revokedAt - entry.startedAt);
    }
    this.#onChange(entry);
  }

  #entryFor({ eventId = '', requestId, functionName }: DecisionLine): Kept {
    const known = this.#byEvent.get(eventId) ?? this.#byRun.get(requestId);
    if (known !== undefined) return known;
    const seen = this.#events.get(eventId);
    const entry = this.#begin(seen ?? { at: Date.now(), title: `${functionName} ran`, place: NOWHERE });
    if (seen === undefined) this.#byRun.set(requestId, entry);
    else {
      this.#byEvent.set(eventId, entry);
      this.#step(entry, 'event', 'EventBridge delivers it', seen.deliveredAt);
      if (seen.started) this.#step(entry, 'start', `${seen.started.functionName} starts`, seen.started.at);
    }
    return entry;
  }

  #decide(entry: Kept, { key = '', raw }: DecisionLine, decided: Decided): void {
    const isSame = (one: Decided, at: number): boolean =>
      entry.lines[at]?.key === key && one.cache?.name === decided.cache?.name;
    const at = entry.decided.findIndex(isSame);
    const before = entry.decided[at];
    // An event that comes a second time finds the rule gone: that is how the first one ended, not another outcome.
    if (before?.outcome === 'revoked' && decided.outcome === 'already-gone') return;
    if (before !== undefined) {
      entry.decided[at] = decided;
      entry.lines[at] = { key, raw };
    } else if (entry.decided.length < MOST_DECIDED) {
      entry.decided.push(decided);
      entry.lines.push({ key, raw });
    } else entry.moreDecided++;
    if (entry.account === '') Object.assign(entry, { account: decided.account, region: decided.region });
    entry.outcome = gravest(entry.decided.map(({ outcome }) => outcome));
    entry.why = '';
    const { outcome, why } = decided;
    const reported = this.#reported.get(key);
    // One rule can make a grant for each of several caches.
    const isGraver = reported?.entry === entry && gravity(reported.reported.outcome) < gravity(outcome);
    if (!isGraver) this.#reported.set(key, { entry, reported: { outcome, why } });
  }

  #noteAttempt(event: BusEvent, attempt: Attempt, number: number): void {
    const entry = this.#entryOf(event);
    if (entry === undefined) return;
    if (attempt.error !== undefined) {
      if (entry.decided.length === 0 && entry.outcome === 'waiting') {
        Object.assign(entry, { outcome: 'failed', why: textOf(attempt.error.message) });
      }
      this.#step(entry, 'failed', number === 1 ? 'Lambda fails' : `Lambda fails, try ${number}`);
      return;
    }
    const outcome = textOf((attempt.result as { outcome?: unknown } | null)?.outcome) || 'done';
    // Of an event that is ignored, functions print no line.
    if (entry.decided.length === 0) Object.assign(entry, { outcome, why: whyOf(attempt.result) });
    this.#step(entry, 'answer', `Lambda answers: ${outcome}`);
  }

  #begin({ at, title, place }: Seen): Kept {
    const isCall = place !== NOWHERE;
    const entry: Kept = {
      id: ++this.#lastId,
      startedAt: at,
      title: textOf(title),
      ...place,
      outcome: 'waiting',
      why: '',
      decided: [],
      moreDecided: 0,
      lines: [],
      steps: isCall
        ? [
            { kind: 'call', text: 'Call', ms: 0 },
            { kind: 'record', text: 'CloudTrail writes the event', ms: 0 },
          ]
        : [],
    };
    this.entries.push(entry);
    if (this.entries.length > MOST_ENTRIES) this.#forget(this.entries.shift() as Entry);
    return entry;
  }

  #forget(entry: Entry): void {
    for (const map of [this.#byRequest, this.#byEvent, this.#byRun]) {
      for (const [id, kept] of map) if (kept === entry) map.delete(id);
    }
    for (const [key, kept] of this.#reported) if (kept.entry === entry) this.#reported.delete(key);
  }

  #step(entry: Kept | undefined, kind: Step['kind'], text: string, at = Date.now()): void {
    if (entry === undefined) return;
    const ms = Math.max(0, at - entry.startedAt);
    if (entry.steps.length >= MOST_STEPS) return;
    const before = entry.steps.findLastIndex((step) => step.ms <= ms);
    entry.steps.splice(before + 1, 0, { kind, text, ms });
    this.#onChange(entry);
  }

  #entryOf(event: unknown): Kept | undefined {
    return this.#byEvent.get(detailOf(event).eventID);
  }
}

/** Of what no call of the local AWS made. */
const NOWHERE: PlaceId = { account: '', region: '' };

/** The first of these is what matters of an event whose grants have several outcomes. */
const GRAVITY = [
  'failed',
  'rejected',
  'held',
  'revoked',
  'would-revoke',
  'pending',
  'already-gone',
  'allowed',
  'ignored',
];

function gravity(outcome: string): number {
  const at = GRAVITY.indexOf(outcome);
  return at < 0 ? GRAVITY.length : at;
}

function gravest(outcomes: readonly string[]): string {
  return outcomes.reduce((gravest, one) => (gravity(one) < gravity(gravest) ? one : gravest));
}

function detailOf(event: unknown) {
  const detail = (event as { readonly detail?: unknown } | null)?.detail;
  const { eventID, requestID, eventName, readOnly } = (detail ?? {}) as Partial<Record<string, unknown>>;
  return {
    eventID: textOf(eventID),
    requestID: textOf(requestID),
    eventName: textOf(eventName),
    readOnly: readOnly === true,
  };
}

/** Keeps what came last. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST_REMEMBERED && oldest !== undefined) map.delete(oldest);
}
