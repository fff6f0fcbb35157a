import type { BusEvent } from '../../../src/local/cloudtrail-record.ts';
import type { LocalAws } from '../../../src/local/local-aws.ts';
import { alsoAllows } from './plan.ts';
import type { RulePeople } from './rules-people.ts';
import type { WantedRule } from './rules-plan.ts';
import type { RuleWitness } from './rules-witness.ts';
import type { Stage } from './stage.ts';
import type { Witness } from './witness.ts';

// Every run has these, whatever its seed. In each, one call makes several disallowed rules, whose revocations take half a second each, and
// something happens in the midst of them.

/** How long the function has, and when it dies. It stops a second before its time is up: not all of its rules are revoked by then. */
const [CUT_OFF_MS, DIES_MS] = [2_600, 3_000];
/** As many environments as the local Lambda has for a function: so many events at once wake each of them. */
const ENVIRONMENTS = 10;

export interface Scenes {
  readonly stage: Stage;
  readonly people: RulePeople;
  readonly ruleWitness: RuleWitness;
  readonly witness: Witness;
}

/** Plays the scenes, one after the other. Ends when no event is under way any more. */
export async function playScenes({ stage, people, ruleWitness, witness }: Scenes): Promise<void> {
  const { aws, scripts } = stage;
  const idOf = people.groupId;
  const open = (groupName: string, rules: readonly WantedRule[]): Promise<void> =>
    people.authorizeAtOnce(groupName, rules);

  async function letAlsoIn(cache: string, cidr: string): Promise<void> {
    await stage.extendAllowlist(alsoAllows(cache, cidr));
    ruleWitness.seeAllowed(cache, witness.now());
    witness.tell(undefined, `the allowlist lets ${cidr} reach ${cache} from now on`);
  }

  scripts.set(idOf('cut-0'), { timeoutMs: CUT_OFF_MS });
  scripts.set(idOf('cut-1'), { crashAfterMs: DIES_MS });
  scripts.set(idOf('thaw-0'), {});
  const cutOff = firstTry(aws, idOf('cut-0'));
  await Promise.all([open('cut-0', strangers(104, 6)), open('cut-1', strangers(104, 8))]);
  await cutOff;
  // What is frozen goes on as long as these are handled.
  const thawing = eventOf(aws, idOf('thaw-0'));
  await open('thaw-0', strangers(104, 1));
  const event = await thawing;
  await Promise.all(Array.from({ length: ENVIRONMENTS - 1 }, () => aws.deliver(event)));
  await aws.idle();

  scripts.set(idOf('swap-0'), { timeoutMs: CUT_OFF_MS });
  const cutOffAgain = firstTry(aws, idOf('swap-0'));
  await open('swap-0', strangers(105, 6));
  await cutOffAgain;
  await letAlsoIn('swap-0', '198.51.105.0/24');
  await aws.idle();

  scripts.set(idOf('swap-1'), {});
  const revoking = revocationOf(aws, idOf('swap-1'));
  await open('swap-1', strangers(105, 12));
  await revoking;
  await letAlsoIn('swap-1', '198.51.105.0/24');
  await aws.idle();
}

/** Disallowed rules, and an allowed one. */
function strangers(network: number, count: number): WantedRule[] {
  const cidrs = Array.from({ length: count }, (_, number) => `198.51.${network}.${number}/32`);
  return [...cidrs, '10.9.0.0/16'].map((CidrIp) => {
    return { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379, source: { CidrIp } };
  });
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

/** Ends with the first revocation of a rule of a security group. */
function revocationOf(aws: LocalAws, securityGroupId: string): Promise<void> {
  return new Promise((resolve) => {
    aws.events.on('call', ({ action, parameters, error }) => {
      const isRevoked = action === 'RevokeSecurityGroupIngress' && error === undefined;
      if (isRevoked && parameters.get('GroupId') === securityGroupId) resolve();
    });
  });
}
