import { setTimeout as sleep } from 'node:timers/promises';
import type { BusEvent } from '../../../src/local/bus-event.ts';
import type { LocalAws } from '../../../src/local/local-aws.ts';
import type { Misplaced } from '../../../src/local/misplaced.ts';
import type { ApiCall } from '../../../src/local/service.ts';
import { HUB, keyOfGrant, keyOfRule } from './plan.ts';

/** How often an event came by the hub's bus, and what came of it. */
export interface Fate {
  readonly what: string;
  arrived: number;
  outcomes: number;
  deadLetters: number;
}

/** Sees what happens in an organization, as the local AWS tells it and as the functions print it. Shares no code with them. */
export class Witness {
  /** The grants that functions revoked, as the endpoint has it. */
  readonly revoked: { readonly key: string; readonly by: string }[] = [];
  /** The grants of which a function printed that it revoked them. */
  readonly told = new Set<string>();
  readonly fates = new Map<string, Fate>();
  readonly misplaced: Misplaced[] = [];
  /** The account of the event that an invocation is about, by the digits of its request id that its trace id ends with. */
  readonly #invoked = new Map<string, string>();
  readonly #calls: { readonly trace: string; readonly account: string; readonly what: string }[] = [];
  /** How many sessions were cut short. */
  cutSessions = 0;
  readonly #began = performance.now();
  readonly #aws: LocalAws;
  readonly #seenSessions = new Set<object>();

  /** @param cutShort the accounts in which every other session of a function that takes events is good for one call alone. */
  constructor(aws: LocalAws, cutShort: readonly string[]) {
    this.#aws = aws;
    aws.events.on('call', (call) => this.#cut(call, cutShort));
    aws.events.on('call', (call) => this.#seeCall(call));
    aws.events.on('misplaced', (one) => this.misplaced.push(one));
    aws.events.on('forwarded', ({ event, busArn }) => {
      if (busArn.endsWith(':event-bus/ingress-guard-local')) this.#fateOf(event).arrived++;
    });
    aws.events.on('attempt', ({ event, attempt, requestId }) => {
      this.#invoked.set(requestId.replaceAll('-', '').slice(0, 24), event.account);
      if (attempt.error === undefined && this.fates.has(event.id)) this.#fateOf(event).outcomes++;
    });
    aws.events.on('deadLetter', ({ event }) => {
      if (this.fates.has((event as BusEvent).id)) this.#fateOf(event as BusEvent).deadLetters++;
    });
    aws.events.on('output', ({ line }) => this.#seeLine(line));
  }

  async until(atMs: number): Promise<void> {
    await sleep(Math.max(0, atMs - (performance.now() - this.#began)));
  }

  /** The calls for an event of one account that were made with credentials of another: neither its own nor the hub's. */
  astray(): string[] {
    return this.#calls.flatMap(({ trace, account, what }) => {
      const meant = this.#invoked.get(trace);
      return meant === undefined || meant === account ? [] : `${what} for an event of ${meant}`;
    });
  }

  /** The grants that there are, whether anybody can see them or not. */
  standing(): string[] {
    return this.#aws.accounts.list().flatMap((account) => {
      const { id, regionNames } = account;
      return regionNames.flatMap((name) => {
        const region = account.region(name);
        const rules = region?.securityGroupRules.list().filter(({ isEgress }) => !isEgress) ?? [];
        const groups = region?.cacheSecurityGroups.list('', Number.POSITIVE_INFINITY) ?? [];
        return [
          ...rules.map(({ source }) => keyOfRule(id, name, String((source as { cidrIpv4?: string }).cidrIpv4))),
          ...groups.flatMap(({ EC2SecurityGroups }) =>
            EC2SecurityGroups.map((one) =>
              keyOfGrant(id, name, String(one.EC2SecurityGroupName), String(one.EC2SecurityGroupOwnerId)),
            ),
          ),
        ];
      });
    });
  }

  #cut({ principal, userAgent, action }: ApiCall, cutShort: readonly string[]): void {
    const isMeant = userAgent.includes('app/enforce') && cutShort.includes(principal.accountId);
    if (!isMeant || action.startsWith('Revoke')) return;
    const session = this.#aws.accounts.sessions.find(principal.accessKeyId ?? '');
    if (session === undefined || this.#seenSessions.has(session)) return;
    this.#seenSessions.add(session);
    if (this.#seenSessions.size % 2 === 0) return;
    Object.assign(session.credentials, { expiresAt: 0 });
    this.cutSessions++;
  }

  #fateOf({ id, account, region, detail }: BusEvent): Fate {
    const { eventName } = detail as { eventName?: string };
    const fate = this.fates.get(id) ?? {
      what: `${account} ${region} ${eventName}`,
      arrived: 0,
      outcomes: 0,
      deadLetters: 0,
    };
    this.fates.set(id, fate);
    return fate;
  }

  #seeCall({ action, parameters, result, error, userAgent, principal, region, traceId }: ApiCall): void {
    const [, by] = /app\/(\w+)/.exec(userAgent) ?? [];
    if (by === undefined) return;
    const trace = /Root=[\w-]*-(\w{24})/.exec(traceId ?? '')?.[1];
    const { accountId: account } = principal;
    if (trace !== undefined && account !== HUB)
      this.#calls.push({ trace, account, what: `${by} ${action} ${account}` });
    if (error !== undefined) return;
    const see = (key: string) => this.revoked.push({ key, by });
    const answer = (result ?? {}) as Record<string, Record<string, unknown>[] | undefined>;
    if (action === 'RevokeSecurityGroupIngress') {
      for (const rule of answer.revokedSecurityGroupRuleSet ?? [])
        see(keyOfRule(principal.accountId, region, String(rule.cidrIpv4)));
    }
    if (action === 'RevokeCacheSecurityGroupIngress') {
      const [name, owner] = ['EC2SecurityGroupName', 'EC2SecurityGroupOwnerId'].map((one) =>
        String(parameters.get(one)),
      );
      see(keyOfGrant(principal.accountId, region, String(name), String(owner)));
    }
  }

  #seeLine(line: string): void {
    if (!line.includes('"message":"decision"')) return;
    const { outcome, grant } = JSON.parse(line) as { outcome: string; grant?: PrintedGrant };
    if (grant === undefined || !['revoked', 'already-gone'].includes(outcome)) return;
    const { account, region, source } = grant;
    const { cidr, ec2SecurityGroupName: name, ec2SecurityGroupOwnerId: owner } = source;
    this.told.add(
      cidr === undefined ? keyOfGrant(account, region, String(name), String(owner)) : keyOfRule(account, region, cidr),
    );
  }
}

interface PrintedGrant {
  readonly account: string;
  readonly region: string;
  readonly source: {
    readonly cidr?: string;
    readonly ec2SecurityGroupName?: string;
    readonly ec2SecurityGroupOwnerId?: string;
  };
}
