import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiCall } from '../../../src/local/api-endpoint.ts';
import type { BusEvent } from '../../../src/local/cloudtrail-record.ts';
import type { FaultRates } from '../../../src/local/faults.ts';
import type { Attempt, DeadLetter } from '../../../src/local/lambda.ts';
import type { LocalAws } from '../../../src/local/local-aws.ts';
import { LIMIT, LIMITED_SCHEDULE } from './limit.ts';
import { type Grant, REGION } from './plan.ts';
import { APP_ID } from './user-agent.ts';

/** What the simulation is about: events, the dead letters' second chance, the audit. */
export type Phase = 'events' | 'redrive' | 'audit';

/** A call that changed something. */
export interface Change {
  readonly atMs: number;
  readonly phase: Phase;
  readonly action: string;
  readonly by: 'guard' | 'people';
  /** The grant, as `keyOf` names it, or the cache security group. */
  readonly about: string;
}

/** How often an event was handed to the function, and what came of that. */
export interface EventFate {
  readonly grant: string;
  delivered: number;
  outcomes: number;
  redriven: number;
}

/** One line of what happened. */
export interface Line {
  readonly atMs: number;
  /** The grant or the cache security group that it concerns; `undefined` if all. */
  readonly about: string | undefined;
  readonly text: string;
}

/** What only its number matters of. */
type Counted =
  | 'requests'
  | 'requests tried again'
  | 'events delivered'
  | 'events tried again'
  | 'events that waited for a cache'
  | 'tries whose time was up'
  | 'dead letters redriven'
  | 'audits';

/** A call of ours that took something away. */
export interface Revocation {
  readonly atMs: number;
  /** When its request came: AWS can be slow to act on it. */
  readonly cameAtMs: number;
  /** The grants, as `keyOf` names them, or the ids of the rules. */
  readonly about: readonly string[];
  /** Of the invocation that made it. */
  readonly traceId: string;
  /** Whether its answer came to who waited for it: not if the connection was cut, or the function was gone or had tried again. */
  wasAnswered: boolean;
}

/** Who dies so soon after an answer, in milliseconds, may not have read it. */
const READS_WITHIN_MS = 1_000;

/**
 * Who died so shortly before a request came, in milliseconds, had sent it: on a busy machine it waits to be read. Lambda's next try comes
 * 250 ms after a death at the earliest, in the time of the simulation.
 */
const UNDER_WAY_MS = 200;

/** From when on an environment did nothing more, and when it was gone: on a busy machine, more than a second later. */
interface Death {
  readonly beganAtMs: number;
  readonly goneAtMs: number;
}

/** A request to the endpoint. */
interface SeenRequest {
  /** The SDK's id of the call. All its tries have it. */
  readonly callId: string;
  readonly cameAtMs: number;
  /** When the first try of its call came. */
  readonly triedAtMs: number;
  readonly response: ServerResponse;
}

/** A grant in one text: `cache-1 web-2 111122223333`. */
export function keyOf({ CacheSecurityGroupName, EC2SecurityGroupName, EC2SecurityGroupOwnerId }: Grant): string {
  return `${CacheSecurityGroupName} ${EC2SecurityGroupName} ${EC2SecurityGroupOwnerId}`;
}

/** The calls whose events the functions are invoked for. */
const WATCHED: readonly unknown[] = [
  'AuthorizeCacheSecurityGroupIngress',
  'AuthorizeSecurityGroupIngress',
  'ModifySecurityGroupRules',
  'ModifyReplicationGroup',
  'CreateCacheCluster',
  'CreateReplicationGroup',
  'ModifyManagedPrefixList',
];

/** The outcomes that end an event that can be judged by. `ignored` are rules that reach no cache. */
const OUTCOMES: readonly unknown[] = ['allowed', 'revoked', 'already-gone', 'held', 'ignored'];

/** Sees all that happens on a local AWS, as the local AWS tells it, and writes it down. */
export class Witness {
  readonly changes: Change[] = [];
  readonly events = new Map<string, EventFate>();
  readonly lines: Line[] = [];
  readonly counts: Record<Counted, number> = {
    requests: 0,
    'requests tried again': 0,
    'events delivered': 0,
    'events tried again': 0,
    'events that waited for a cache': 0,
    'tries whose time was up': 0,
    'dead letters redriven': 0,
    audits: 0,
  };
  phase: Phase = 'events';
  /** What our functions revoked, and for which invocation. */
  readonly revocations: Revocation[] = [];
  /** By the SDK's id of the call. */
  readonly #revocationsByCall = new Map<string, Revocation>();
  /** When a decision line said that something was revoked. */
  readonly #reported = new Map<string, number[]>();
  /** What a decision line says of that no final answer came. */
  readonly #givenUp = new Set<string>();
  /** How an invocation died or ran out of time, by the digits of its request id. */
  readonly #deaths = new Map<string, Death[]>();
  /** The events that the functions were invoked for, by the digits of the request id in trace ids. */
  readonly #invokedFor = new Map<string, BusEvent>();
  /** The request that is being answered. */
  readonly #answering = new AsyncLocalStorage<SeenRequest>();
  /** When the first try of a call came, by the SDK's id of the call. */
  readonly #firstTries = new Map<string, number>();
  #began = performance.now();
  #plansBeganMs = 0;

  /** How long ago `watch` began, in milliseconds. */
  now(): number {
    return performance.now() - this.#began;
  }

  /** Waits until `begin` was called so many milliseconds ago. */
  async until(atMs: number): Promise<void> {
    await sleep(Math.max(0, this.#plansBeganMs + atMs - this.now()));
  }

  tell(about: string | undefined, text: string): void {
    this.lines.push({ atMs: this.now(), about, text });
  }

  /** Plans begin now: by their times others wait. */
  begin(): void {
    this.#plansBeganMs = this.now();
  }

  /** Sees all from now on. */
  watch({ events }: LocalAws): void {
    this.#began = performance.now();
    events.on('call', (call) => this.#seeCall(call));
    events.on('event', (event) => this.#seeEvent(event));
    events.on('attempt', ({ functionName, event, attempt, number, requestId }) => {
      const digits = digitsOf(requestId);
      this.#invokedFor.set(digits, event);
      if (DEATHS.includes(attempt.error?.name)) {
        const goneAtMs = this.now();
        const { crashedAt = Date.now() } = attempt;
        const beganAtMs = goneAtMs - (Date.now() - crashedAt);
        this.#deaths.set(digits, [...(this.#deaths.get(digits) ?? []), { beganAtMs, goneAtMs }]);
      }
      if (number > 1) this.counts['events tried again']++;
      if (attempt.error?.name === 'Sandbox.Timedout') this.counts['tries whose time was up']++;
      this.#seeAttempt(`${functionName}, try ${number}`, event, attempt);
    });
    events.on('deadLetter', ({ event }) =>
      this.tell(aboutOf(event as BusEvent), 'its event is in the dead-letter queue'),
    );
    events.on('output', ({ line }) => this.#seeOutput(line));
  }

  /** An HTTP request to the endpoint, whatever becomes of it. The SDK says in a header whether it tries again. */
  seeRequest({ headers }: IncomingMessage, response: ServerResponse): void {
    this.counts.requests++;
    if (!String(headers['amz-sdk-request']).startsWith('attempt=1')) this.counts['requests tried again']++;
    const callId = String(headers['amz-sdk-invocation-id']);
    const cameAtMs = this.now();
    const triedAtMs = this.#firstTries.get(callId) ?? cameAtMs;
    this.#firstTries.set(callId, triedAtMs);
    // Whoever tries again has not read the answer to the try before.
    const revocation = this.#revocationsByCall.get(callId);
    if (revocation !== undefined) revocation.wasAnswered = false;
    this.#answering.enterWith({ callId, cameAtMs, triedAtMs, response });
  }

  /** When the first try of the call that is being answered came. */
  triedAtMs(): number {
    return this.#answering.getStore()?.triedAtMs ?? this.now();
  }

  /** What `drawFaults` tells of. */
  seeFault(fault: keyof FaultRates, subject: string): void {
    const [what = '', about] = subject.split(` ${REGION} `);
    this.tell(about ?? (LISTS_CACHES.test(what) ? A_GROUP : undefined), `fault ${fault}: ${what}`);
  }

  /** An audit begins. */
  seeAudit(): void {
    this.phase = 'audit';
    this.counts.audits++;
    this.tell(undefined, 'an audit begins');
  }

  /** A dead letter was taken out of the queue, to deliver its event again. */
  seeRedrive({ event }: DeadLetter): void {
    this.counts['dead letters redriven']++;
    const fate = this.events.get((event as BusEvent).id);
    if (fate !== undefined) fate.redriven++;
    this.tell(aboutOf(event as BusEvent), 'its dead letter is redriven');
  }

  /** The revocations that a function knew of: it was there when the answer came. */
  answeredRevocations(): Revocation[] {
    return this.revocations.filter(({ about, cameAtMs, atMs, traceId, wasAnswered }) => {
      const deaths = this.#deaths.get(digitsIn(traceId)) ?? [];
      const hasDied = deaths.some(
        ({ beganAtMs, goneAtMs }) => goneAtMs > cameAtMs - UNDER_WAY_MS && beganAtMs < atMs + READS_WITHIN_MS,
      );
      return wasAnswered && !hasDied && !about.some((one) => this.#givenUp.has(one));
    });
  }

  /** What a function knew that it had revoked, and no decision line says: each revocation needs a line of its own. */
  revokedUnreported(): string[] {
    const lines = new Map([...this.#reported].map(([about, times]) => [about, [...times]]));
    return this.answeredRevocations().flatMap(({ about, atMs }) =>
      about.filter((one) => {
        const times = lines.get(one) ?? [];
        const line = times.findIndex((writtenAtMs) => writtenAtMs >= atMs);
        if (line >= 0) times.splice(line, 1);
        return line < 0;
      }),
    );
  }

  /** What an audit with a limit revoked, if that is more than its limit. */
  revokedOverLimit(): string[] {
    const limited = this.revocations.filter(
      ({ traceId }) => this.#invokedFor.get(digitsIn(traceId))?.source === LIMITED_SCHEDULE,
    );
    const revoked = limited.flatMap(({ about }) => about);
    return revoked.length > LIMIT ? revoked : [];
  }

  /** What was revoked by a function whose event does not name it: as if it had gone on with what it did before, or looked at more. */
  revokedUnnamed(): string[] {
    return this.revocations.flatMap(({ about, traceId }) => {
      const named = namedBy(this.#invokedFor.get(digitsIn(traceId)));
      return about.filter((one) => named !== 'anything' && !named.includes(one));
    });
  }

  #seeCall(call: ApiCall): void {
    this.#seeRevocation(call);
    const { action, parameters, error, userAgent, readOnly, service, result } = call;
    if (service.name === 'ec2') {
      const by = userAgent.includes(`app/${APP_ID}`) ? 'guard' : 'people';
      const answer = error === undefined ? 'done' : error.code;
      const named = ruleIdsIn([[...parameters], result]);
      const about = readOnly || named.length === 0 ? [named[0] ?? A_GROUP] : [...new Set(named)];
      for (const one of about) this.tell(one, `${by}: ${action} -> ${answer}`);
      return;
    }
    const name = parameters.get('CacheSecurityGroupName');
    const all = LISTS_CACHES.test(action) ? A_GROUP : name;
    const about = parameters.has('EC2SecurityGroupName') ? [...parameters.values()].join(' ') : all;
    const by = userAgent.includes(`app/${APP_ID}`) ? 'guard' : 'people';
    const answer = error === undefined ? 'done' : error.code;
    this.tell(about, `${by}: ${action} -> ${answer}`);
    if (readOnly || error !== undefined || about === undefined) return;
    this.changes.push({ atMs: this.now(), phase: this.phase, action, by, about });
  }

  #seeRevocation({ action, parameters, error, userAgent, result, traceId = '' }: ApiCall): void {
    if (!/^Revoke.*Ingress$/.test(action) || error !== undefined || !userAgent.includes(`app/${APP_ID}`)) return;
    const rules = ruleIdsIn((result as { revokedSecurityGroupRuleSet?: unknown }).revokedSecurityGroupRuleSet);
    const about = action === 'RevokeSecurityGroupIngress' ? rules : [[...parameters.values()].join(' ')];
    const atMs = this.now();
    const { callId = '', cameAtMs = atMs, response } = this.#answering.getStore() ?? {};
    const wasAnswered = response?.destroyed === false;
    const revocation: Revocation = { atMs, cameAtMs, about, traceId, wasAnswered };
    this.revocations.push(revocation);
    this.#revocationsByCall.set(callId, revocation);
    response?.once('close', () => {
      revocation.wasAnswered &&= response.writableFinished;
    });
  }

  #seeEvent(event: BusEvent): void {
    const { eventName, errorCode } = event.detail as { eventName?: string; errorCode?: string };
    if (!WATCHED.includes(eventName) || errorCode !== undefined) return;
    const grant = aboutOf(event) as string;
    const fate = this.events.get(event.id) ?? { grant, delivered: 0, outcomes: 0, redriven: 0 };
    this.events.set(event.id, fate);
    fate.delivered++;
    this.counts['events delivered']++;
    this.tell(grant, 'its event is delivered');
  }

  #seeAttempt(what: string, event: BusEvent, { result, error }: Attempt): void {
    const { outcome, decision, awaits } = (result ?? {}) as {
      outcome?: string;
      decision?: { effect: string; rule?: string };
      awaits?: string;
    };
    const fate = this.events.get(event.id);
    // One that waits comes again.
    if (fate !== undefined && OUTCOMES.includes(outcome) && awaits === undefined) fate.outcomes++;
    if (awaits !== undefined) this.counts['events that waited for a cache']++;
    const judged = decision && `, ${decision.effect}${decision.rule ? ` by rule ${decision.rule}` : ''}`;
    const answer = outcome ?? (fate ? 'no outcome' : 'done');
    this.tell(aboutOf(event), `${what} -> ${error ? `${error.name}: ${error.message}` : answer + (judged ?? '')}`);
  }

  /** Our functions say in their logs what they revoked, and an audit also what came of each denied grant, and then of all. */
  #seeOutput(line: string): void {
    if (line.includes('"outcome":"revoked"')) this.#seeReport(JSON.parse(line));
    if (line.includes('gave no final answer')) this.#seeGivingUp(JSON.parse(line));
    if (!line.includes('"foundBy":"audit"') && !line.includes('"message":"audit')) return;
    const { message, outcome, grant, problem, complete, counts, error } = JSON.parse(line);
    if (message !== 'decision') {
      this.tell(undefined, `${message}: ${JSON.stringify({ complete, counts, error: error?.message })}`);
      return;
    }
    this.tell(namedIn(grant), `the audit -> ${outcome} ${problem ?? ''}`);
  }

  #seeGivingUp({ message, outcome, grant }: DecisionLine): void {
    if (message === 'decision' && outcome === 'failed') this.#givenUp.add(namedIn(grant));
  }

  #seeReport({ message, outcome, grant }: DecisionLine): void {
    if (message !== 'decision' || outcome !== 'revoked') return;
    const about = namedIn(grant);
    this.#reported.set(about, [...(this.#reported.get(about) ?? []), this.now()]);
  }
}

/** How Lambda says that a function did not come to its end. */
const DEATHS: readonly (string | undefined)[] = ['Runtime.ExitError', 'Sandbox.Timedout'];

/** A line that a function printed, as far as it matters here. */
interface DecisionLine {
  readonly message: string;
  readonly outcome: string;
  readonly grant: ReportedGrant;
}
interface ReportedGrant {
  readonly target: { readonly securityGroupRuleId?: string; readonly cacheSecurityGroupName?: string };
  readonly source: { readonly ec2SecurityGroupName?: string; readonly ec2SecurityGroupOwnerId?: string };
}

/** The id of a rule, or a grant as `keyOf` names it. */
function namedIn({ target, source }: ReportedGrant): string {
  const names = [target.cacheSecurityGroupName, source.ec2SecurityGroupName, source.ec2SecurityGroupOwnerId];
  return target.securityGroupRuleId ?? names.join(' ');
}

/** The grant, or the first rule, that an event is about; `undefined` of one that is about none, as a schedule's. */
function aboutOf({ detail }: BusEvent): string | undefined {
  const { eventSource, requestParameters, responseElements } = detail as Partial<Record<string, object | null>>;
  if (String(eventSource).startsWith('ec2.')) return firstRuleId([responseElements, requestParameters]);
  return requestParameters ? Object.values(requestParameters).join(' ') : undefined;
}

function firstRuleId(value: unknown): string {
  return ruleIdsIn(value)[0] ?? A_GROUP;
}

/** What a line is about that names no rule. */
const A_GROUP = 'a security group';
/** Calls whose answers no grant of a cache security group depends on. There are thousands. */
const LISTS_CACHES = /^Describe(CacheClusters|ServerlessCaches|SecurityGroupRules|ManagedPrefixLists)\b/;

function ruleIdsIn(value: unknown): string[] {
  return (JSON.stringify(value) ?? '').match(/sgr-[0-9a-f]{17}/g) ?? [];
}

/** What a function may take away for an event: of one about rules or a grant, these. Others may lead to anything. */
function namedBy(event: BusEvent | undefined): readonly string[] | 'anything' {
  const { eventName, requestParameters, responseElements } = (event?.detail ?? {}) as Record<string, unknown>;
  switch (eventName) {
    case 'AuthorizeCacheSecurityGroupIngress':
      return [Object.values(requestParameters as object).join(' ')];
    case 'AuthorizeSecurityGroupIngress':
    case 'ModifySecurityGroupRules':
      return ruleIdsIn([requestParameters, responseElements]);
    default:
      return 'anything';
  }
}

/** As the local Lambda puts them into the trace id of an invocation. */
function digitsOf(requestId: string): string {
  return requestId.replaceAll('-', '').slice(0, 24);
}

function digitsIn(traceId: string): string {
  return /^Root=1-[0-9a-f]+-([0-9a-f]{24})/.exec(traceId)?.[1] ?? '';
}
