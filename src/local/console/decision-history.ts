import type { BusEvent } from '../cloudtrail-record.ts';
import type { Attempt } from '../lambda.ts';
import type { LocalAws } from '../local-aws.ts';
import type { ApiCall } from '../service.ts';
import type { Entry, GrantNames, Step } from './messages.ts';

const MOST_ENTRIES = 200;
const MOST_STEPS = 16;
const LONGEST_TEXT = 400;

type Changing<T> = { -readonly [K in keyof T]: T[K] };
type Kept = Changing<Omit<Entry, 'steps'>> & { readonly steps: Changing<Step>[] };

/** What a function that judges events answers, as far as it is shown. Any part may be missing or be something else. */
interface Answer {
  readonly outcome?: unknown;
  readonly reason?: unknown;
  readonly decision?: { readonly rule?: unknown; readonly reasons?: readonly { readonly text?: unknown }[] };
}

/**
 * The last 200 grants and what became of them, put together from what the local AWS tells: calls, events, tries of
 * functions, dead letters. Memory is bounded, however long it runs and whatever the values hold.
 */
export class DecisionHistory {
  /** Oldest first. */
  readonly entries: Entry[] = [];
  readonly #onChange: (entry: Entry) => void;
  readonly #byRequest = new Map<string, Kept>();
  readonly #byGrant = new Map<string, Kept>();
  readonly #byEvent = new WeakMap<object, Kept>();
  #lastId = 0;

  constructor(onChange: (entry: Entry) => void) {
    this.#onChange = onChange;
  }

  /** Follows a local AWS until the function it returns is called. */
  follow({ events }: LocalAws): () => void {
    const onCall = (call: ApiCall): void => this.#noteCall(call);
    const onEvent = (event: BusEvent): void => {
      const entry = this.#entryOf(event);
      if (entry !== undefined) this.#addStep(entry, 'event', 'CloudTrail event delivered');
    };
    const onAttempt = (tried: { functionName: string; event: BusEvent; attempt: Attempt; number: number }): void =>
      this.#noteAttempt(tried);
    const onDeadLetter = ({ event }: { event: unknown }): void => {
      const entry = this.#entryOf(event);
      if (entry !== undefined) this.#addStep(entry, 'dead-letter', 'Given up: in the dead-letter queue');
    };
    events.on('call', onCall).on('event', onEvent).on('attempt', onAttempt).on('deadLetter', onDeadLetter);
    return () =>
      events.off('call', onCall).off('event', onEvent).off('attempt', onAttempt).off('deadLetter', onDeadLetter);
  }

  latestOf(grant: GrantNames): Entry | undefined {
    return this.#byGrant.get(keyOf(grant));
  }

  /** The grant of one of the entries is not listed any more. */
  noteGone(entry: Entry): void {
    this.#addStep(entry as Kept, 'gone', 'Gone');
  }

  #noteCall(call: ApiCall): void {
    const grant = grantOf(call);
    if (call.action === 'AuthorizeCacheSecurityGroupIngress' && call.error === undefined) {
      const entry = this.#begin({ grant, verdict: 'pending' }, call.requestId);
      this.#addStep(entry, 'call', 'Authorize call');
    }
    if (call.action !== 'RevokeCacheSecurityGroupIngress') return;
    const entry = this.#byGrant.get(keyOf(grant));
    if (entry === undefined || isOver(entry)) return;
    if (call.error !== undefined) {
      this.#addStep(entry, 'refused', `Revoke refused: ${call.error.code}`);
      return;
    }
    entry.stoodMs = Date.now() - entry.startedAt;
    // The function says so itself in a moment, unless somebody else revoked it.
    if (entry.verdict === 'pending') entry.verdict = 'revoked';
    this.#addStep(entry, 'revoked', 'Revoke accepted');
  }

  #noteAttempt(tried: { functionName: string; event: BusEvent; attempt: Attempt; number: number }): void {
    const { functionName, event, attempt, number } = tried;
    const scheduled = event.source === 'aws.events';
    // A run on schedule that went well tells of no single grant; what it revoked shows as Revoke calls.
    if (scheduled && attempt.error === undefined) return;
    const entry = this.#entryOf(event) ?? this.#begin(readEvent(event, functionName, scheduled), requestIdOf(event));
    this.#byEvent.set(event, entry);
    if (attempt.error !== undefined) {
      const { name, message } = attempt.error;
      const verdict = name === 'RejectedEventError' ? 'rejected' : 'failed';
      this.#judge(entry, verdict, [cut(message)], 'failed', `Try ${number} failed`);
      return;
    }
    const answer = (attempt.result ?? {}) as Answer;
    const outcome = cut(answer.outcome) || 'done';
    this.#judge(entry, outcome, whyOf(answer), 'verdict', `Function answered: ${outcome}`);
  }

  #judge(entry: Kept, verdict: string, why: readonly string[], kind: Step['kind'], text: string): void {
    // An event that comes a second time finds the grant gone: that is how the first one ended, not another verdict.
    const known = entry.verdict !== 'pending' && entry.verdict !== 'failed' && entry.verdict !== 'rejected';
    const repeated = known && (verdict === 'already-gone' || verdict === 'ignored');
    if (!repeated) entry.verdict = verdict;
    if (!repeated || entry.why.length === 0) entry.why = why;
    this.#addStep(entry, kind, text);
  }

  #begin(about: Pick<Kept, 'grant' | 'title' | 'verdict'>, requestId: string | undefined): Kept {
    const entry: Kept = { id: ++this.#lastId, startedAt: Date.now(), ...about, why: [], steps: [] };
    this.entries.push(entry);
    if (requestId !== undefined) this.#byRequest.set(requestId, entry);
    if (entry.grant !== undefined) this.#byGrant.set(keyOf(entry.grant), entry);
    if (this.entries.length > MOST_ENTRIES) this.#forget(this.entries.shift() as Entry);
    return entry;
  }

  #forget(entry: Entry): void {
    for (const [id, kept] of this.#byRequest) {
      if (kept === entry) this.#byRequest.delete(id);
    }
    if (entry.grant === undefined) return;
    const key = keyOf(entry.grant);
    if (this.#byGrant.get(key) === entry) this.#byGrant.delete(key);
  }

  #addStep(entry: Kept, kind: Step['kind'], text: string): void {
    const ms = Date.now() - entry.startedAt;
    const last = entry.steps.at(-1);
    if (last !== undefined && ((last.kind === kind && last.text === text) || entry.steps.length === MOST_STEPS)) {
      last.times++;
      last.lastMs = ms;
    } else {
      entry.steps.push({ kind, text, ms, times: 1, lastMs: ms });
    }
    this.#onChange(entry);
  }

  #entryOf(event: unknown): Kept | undefined {
    if (typeof event !== 'object' || event === null) return undefined;
    const requestId = requestIdOf(event);
    return this.#byEvent.get(event) ?? (requestId === undefined ? undefined : this.#byRequest.get(requestId));
  }
}

/** One text for one grant. No name holds a control character. */
export function keyOf(grant: GrantNames): string {
  const { region, cacheSecurityGroupName, ec2SecurityGroupName, ec2SecurityGroupOwnerId } = grant;
  return [region, cacheSecurityGroupName, ec2SecurityGroupOwnerId, ec2SecurityGroupName].join('\n');
}

/** The grant that a call is about, as ElastiCache stores it. */
export function grantOf({ region, parameters }: Pick<ApiCall, 'region' | 'parameters'>): GrantNames {
  return namesOf(region, (name) => parameters.get(name));
}

function namesOf(region: string, read: (name: string) => unknown): GrantNames {
  return {
    region,
    cacheSecurityGroupName: cut(read('CacheSecurityGroupName')).toLowerCase(),
    ec2SecurityGroupName: cut(read('EC2SecurityGroupName')),
    ec2SecurityGroupOwnerId: cut(read('EC2SecurityGroupOwnerId')).replaceAll('-', ''),
  };
}

/** What an event is about that no call of ours made: put on the bus by hand, perhaps malformed. */
function readEvent(
  event: BusEvent,
  functionName: string,
  scheduled: boolean,
): Pick<Kept, 'grant' | 'title' | 'verdict'> {
  const verdict = 'pending';
  if (scheduled) return { title: `${functionName}, run on schedule`, verdict };
  const parameters = (event.detail as { requestParameters?: Record<string, unknown> | null } | null)?.requestParameters;
  const grant = namesOf(cut(event.region), (name) => parameters?.[name.charAt(0).toLowerCase() + name.slice(1)]);
  const readable = grant.cacheSecurityGroupName && grant.ec2SecurityGroupName && grant.ec2SecurityGroupOwnerId;
  return readable ? { grant, verdict } : { title: 'An event that names no grant', verdict };
}

function requestIdOf(event: object): string | undefined {
  const id = (event as { detail?: { requestID?: unknown } | null }).detail?.requestID;
  return typeof id === 'string' && id.length <= 64 ? id : undefined;
}

function whyOf({ decision, reason }: Answer): string[] {
  if (decision?.rule !== undefined) return [`rule \`${cut(decision.rule)}\` allows it`];
  if (Array.isArray(decision?.reasons)) return decision.reasons.slice(0, 3).map(({ text }) => cut(text));
  return reason === undefined ? [] : [cut(reason)];
}

function isOver({ steps }: Kept): boolean {
  return steps.some(({ kind }) => kind === 'gone');
}

function cut(text: unknown): string {
  if (typeof text !== 'string') return '';
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text;
}
