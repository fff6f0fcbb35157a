import type { BusEvent } from '../../../src/local/cloudtrail-record.ts';
import type { LocalAws } from '../../../src/local/local-aws.ts';
import { EDGE_RANGES, neighbours } from './edges.ts';
import { LIMITED_SCHEDULE } from './limit.ts';
import { ACCOUNT, alsoAllows, STRANGER } from './plan.ts';
import type { RulePeople } from './rules-people.ts';
import { FOREIGN_CLIENT, OWN_CLIENT, type WantedRule, type WantedSource } from './rules-plan.ts';
import type { RuleWitness } from './rules-witness.ts';
import type { Stage } from './stage.ts';
import type { Witness } from './witness.ts';

// Every run has these, whatever its seed.

/** How long the function has, and when it dies. It stops a second before its time is up: not all of its rules are revoked by then. */
const [CUT_OFF_MS, DIES_MS] = [2_600, 3_000];
/** As many environments as the local Lambda has for a function: so many events at once wake each of them. */
const ENVIRONMENTS = 10;

export interface Scenes {
  readonly stage: Stage;
  readonly people: RulePeople;
  readonly ruleWitness: RuleWitness;
  readonly witness: Witness;
  /** Starts the audit that listens to these events. */
  readonly audit: (source: string) => Promise<void>;
}

/** What is played before all else: rules whose events are lost, and an audit for which they are one too many in both regions together. */
export async function playLimit({ stage: { scripts }, people, audit }: Scenes): Promise<void> {
  for (const name of ['limit-0', 'far-0']) {
    scripts.set(people.groupId(name), { isDropped: true });
    await people.authorizeAtOnce(name, cidrs('198.51.107.0/32', '198.51.107.1/32'));
  }
  await audit(LIMITED_SCHEDULE);
}

/** What is played while all goes on: ranges at the boundaries of those that are allowed, owners, and two rules of one source. */
export async function playAside({ stage, people }: Scenes): Promise<void> {
  const { scripts } = stage;
  for (const range of EDGE_RANGES) await people.authorizeAtOnce('edge-0', cidrs(...neighbours(range)));
  const client = people.groupId(OWN_CLIENT);
  await people.authorizeAtOnce('own-0', [
    tcp(6379, { GroupId: client, UserId: ACCOUNT }),
    // The allowlist names its id, and leaves its owner out.
    tcp(6379, { GroupId: FOREIGN_CLIENT, UserId: STRANGER }),
  ]);
  // Of the other region; this time its event comes.
  await people.authorizeAtOnce('far-0', cidrs('198.51.107.2/32', '10.8.0.0/16'));
  // The event of the first is lost: nothing but an audit may revoke it.
  scripts.set(people.groupId('twin-0'), { isDropped: true });
  await people.authorizeAtOnce('twin-0', [tcp(6379, { CidrIp: '198.51.108.0/32' })]);
  await people.authorizeAtOnce('twin-0', [{ ...tcp(6379, { CidrIp: '198.51.108.0/32' }), toPort: 6380 }]);
}

/** What the allowlist says about `own-0`: groups by their ids, without an owner, who is then the account itself. */
export function allowOwnClients({ stage, people }: Scenes): Promise<void> {
  return stage.extendAllowlist(
    alsoAllows('own-0', `securityGroupIds: [${people.groupId(OWN_CLIENT)}, ${FOREIGN_CLIENT}]`),
  );
}

/**
 * What is played at the end, one after the other. In each of these, one call makes several disallowed rules, whose revocations take half a
 * second each, and something happens in the midst of them. Ends when no event is under way any more.
 */
export async function playInTheMidst({ stage, people, ruleWitness, witness }: Scenes): Promise<void> {
  const { aws, scripts } = stage;
  const idOf = people.groupId;
  const open = people.authorizeAtOnce;

  async function letAlsoIn(cache: string): Promise<void> {
    await stage.extendAllowlist(alsoAllows(cache, 'cidrs: [198.51.105.0/24]'));
    ruleWitness.seeAllowed(cache);
    witness.tell(undefined, `the allowlist lets 198.51.105.0/24 reach ${cache} from now on`);
  }

  scripts.set(idOf('cut-0'), { isSlow: true, timeoutMs: CUT_OFF_MS });
  scripts.set(idOf('cut-1'), { isSlow: true, crashAfterMs: DIES_MS });
  scripts.set(idOf('thaw-0'), { isSlow: true });
  const cutOff = firstTry(aws, idOf('cut-0'));
  await Promise.all([open('cut-0', strangers(104, 6)), open('cut-1', strangers(104, 8))]);
  await cutOff;
  // What is frozen goes on as long as these are handled.
  const thawing = eventOf(aws, idOf('thaw-0'));
  await open('thaw-0', strangers(104, 1));
  const event = await thawing;
  await Promise.all(Array.from({ length: ENVIRONMENTS - 1 }, () => aws.deliver(event)));
  await aws.idle();

  scripts.set(idOf('swap-0'), { isSlow: true, timeoutMs: CUT_OFF_MS });
  const cutOffAgain = firstTry(aws, idOf('swap-0'));
  await open('swap-0', strangers(105, 6));
  await cutOffAgain;
  await letAlsoIn('swap-0');
  await aws.idle();

  scripts.set(idOf('port-0'), { isSlow: true });
  const revokingPorts = revocationOf(aws, idOf('port-0'));
  const disallowed = (await open('port-0', strangers(106, 10))).slice(0, -1);
  await Promise.race([revokingPorts, aws.idle()]);
  // The last that the function comes to, because EC2 lists rules by their ids here: it must look at this one again.
  const last = disallowed.toSorted().at(-1) as string;
  const repaired = tcp(22, { CidrIp: `198.51.106.${disallowed.indexOf(last)}/32` });
  if (await people.edit('port-0', last, repaired)) ruleWitness.seeAllowed(last);
  await aws.idle();

  scripts.set(idOf('swap-1'), { isSlow: true });
  const revoking = revocationOf(aws, idOf('swap-1'));
  await open('swap-1', strangers(105, 12));
  await Promise.race([revoking, aws.idle()]);
  await letAlsoIn('swap-1');
  await aws.idle();
}

/**
 * What is played last, when the functions have nothing else to do: a cache is created in a group with a disallowed rule, and another
 * one is made while it has no port. The events of caches that are created before mostly have to wait until these have their ports.
 */
export async function playBirth({ stage, people }: Scenes): Promise<void> {
  await people.authorizeAtOnce('born-0', strangers(109, 1));
  await people.createCache('born-0', 'born-0');
  await people.authorizeAtOnce('born-0', cidrs('198.51.110.0/32'));
  await stage.aws.idle();
}

/** Disallowed rules, and an allowed one. */
function strangers(network: number, count: number): WantedRule[] {
  const disallowed = Array.from({ length: count }, (_, number) => `198.51.${network}.${number}/32`);
  return cidrs(...disallowed, '10.9.0.0/16');
}

function cidrs(...ranges: readonly string[]): WantedRule[] {
  return ranges.map((CidrIp) => tcp(6379, { CidrIp }));
}

function tcp(port: number, source: WantedSource): WantedRule {
  return { ipProtocol: 'tcp', fromPort: port, toPort: port, source };
}
const speaksOf = (event: BusEvent, securityGroupId: string): boolean =>
  JSON.stringify(event.detail).includes(securityGroupId);

/** Ends with the first try of a function for an event about a security group. */
function firstTry(aws: LocalAws, securityGroupId: string): Promise<void> {
  return new Promise((resolve) => {
    aws.events.on('attempt', ({ event }) => {
      if (speaksOf(event, securityGroupId)) resolve();
    });
  });
}

/** The first event of a call that made rules of a security group. */
function eventOf(aws: LocalAws, securityGroupId: string): Promise<BusEvent> {
  return new Promise((resolve) => {
    aws.events.on('event', (event) => {
      const { eventName, errorCode } = event.detail as { eventName?: string; errorCode?: string };
      if (
        eventName === 'AuthorizeSecurityGroupIngress' &&
        errorCode === undefined &&
        speaksOf(event, securityGroupId)
      ) {
        resolve(event);
      }
    });
  });
}

/** Ends with the first revocation of a rule of a security group: never, if none is made. */
function revocationOf(aws: LocalAws, securityGroupId: string): Promise<void> {
  return new Promise((resolve) => {
    aws.events.on('call', ({ action, parameters, error }) => {
      const isRevoked = action === 'RevokeSecurityGroupIngress' && error === undefined;
      if (isRevoked && parameters.get('GroupId') === securityGroupId) resolve();
    });
  });
}
