import { DescribeCacheSecurityGroupsCommand } from '@aws-sdk/client-elasticache';
import fc from 'fast-check';
import { listGrants } from '../../src/aws/elasticache/list-grants.ts';
import { parseEvent } from '../../src/cloudtrail/parse-event.ts';
import { runAudit } from '../../src/enforcement/audit.ts';
import { policyConfirmation } from '../../src/enforcement/confirm-policy.ts';
import { enforceEvent } from '../../src/enforcement/enforce-event.ts';
import type { EventOutcome, Policy } from '../../src/enforcement/event-outcome.ts';
import type { ClassicPorts } from '../../src/enforcement/ports.ts';
import { toBusEvent, toCloudTrailRecord } from '../../src/local/cloudtrail-record.ts';
import type { ClassicGrant } from '../../src/policy/classic/grant.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { Grant } from '../../src/policy/grant.ts';
import { allowlist as closed, type RevokeGrant } from '../support/examples/audited.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { fakeCalls } from '../support/examples/security-groups.ts';
import { toRevoke } from '../support/examples/to-revoke.ts';
import { UNHURRIED, UNHURRIED_AUDIT } from '../support/examples/unhurried.ts';
import { type Fault, passTime, type ScheduledAws, startScheduledAws } from '../support/local-aws/scheduled-aws.ts';

export const AUTHORIZE = 'AuthorizeCacheSecurityGroupIngress';
export const REVOKE = 'RevokeCacheSecurityGroupIngress';
const GROUP = { CacheSecurityGroupName: 'sessions' };
/** A call that a person makes for nothing else: with its effect, the allowlist is edited. */
const EDITING = 'DescribeCacheSecurityGroups';

const rule = {
  id: 'all',
  cacheSecurityGroups: ['sessions'],
  ec2SecurityGroups: ['web'],
  ownerIds: [ACCOUNT, STRANGER],
};
const POLICIES = {
  closed: { allowlist: closed, allowlistSha256: 'closed' },
  open: { allowlist: new CompiledAllowlist({ version: 1, rules: [rule] }), allowlistSha256: 'open' },
} as const;

/**
 * What a person does to the cache security group `sessions`, or to the grant of `web` to it: the stranger's, which no rule
 * allows, or the account's own, which one does; or to the allowlist, which allows both once it is open.
 */
type Step =
  | { readonly does: 'authorize' | 'revoke'; readonly ownerId: string; readonly copies: number }
  | { readonly does: 'delete and create' }
  | { readonly does: 'allow'; readonly open: boolean };

/** What a person does, one after another, and what goes wrong with our own calls, in their order. */
export interface Story {
  readonly steps: readonly Step[];
  readonly faults: readonly Fault[];
}

const ingress = (does: 'authorize' | 'revoke') =>
  fc.record({
    does: fc.constant(does),
    ownerId: fc.constantFrom(STRANGER, STRANGER, ACCOUNT),
    // How often the event comes: EventBridge doubles some and loses some.
    copies: fc.constantFrom(0, 1, 2, 2),
  });

export const arbitraryStory: fc.Arbitrary<Story> = fc.record({
  steps: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: ingress('authorize') },
      { weight: 2, arbitrary: ingress('revoke') },
      { weight: 1, arbitrary: fc.record({ does: fc.constant('delete and create' as const) }) },
      { weight: 1, arbitrary: fc.record({ does: fc.constant('allow' as const), open: fc.boolean() }) },
    ),
    { minLength: 1, maxLength: 5 },
  ),
  faults: fc.array(fc.constantFrom<Fault[]>('none', 'none', 'none', 'none', 'denied', 'cut before', 'cut after'), {
    maxLength: 20,
  }),
});

/** The stranger's grant is made, and then the allowlist allows it. */
export const withAllowed: fc.Arbitrary<Story> = fc.record({
  steps: fc.constant<Step[]>([
    { does: 'authorize', ownerId: STRANGER, copies: 1 },
    { does: 'allow', open: true },
  ]),
  faults: fc.constant([]),
});

type ReadPolicy = () => Promise<Pick<Policy, 'allowlist' | 'allowlistSha256' | 'mode'>>;

/** What a guard has in its hands; one that is wrong can have others. */
export interface Guard {
  readonly revokeGrant: RevokeGrant;
  readonly readPolicy?: (read: ReadPolicy) => ReadPolicy;
}

/** A delivery or an audit that came to its end. */
interface Look {
  /** How many calls had been made when it began. */
  readonly began: number;
  /** The owners whose grants it has dealt with. */
  readonly dealtWith: readonly string[];
}

/** How a story ended. */
export interface Played {
  readonly elastiCache: ScheduledAws;
  readonly looks: readonly Look[];
  /** One for each delivery. */
  readonly outcomes: readonly { readonly outcome: EventOutcome; readonly error?: unknown }[];
  readonly delivered: number;
  /** How many calls had been made when the allowlist was edited last, and whether it is open since. */
  readonly edited: { readonly at: number; readonly isOpen: boolean };
  /** Whether the allowlist was open when somebody set out to revoke, for each time. */
  readonly revokedWhenOpen: readonly boolean[];
}

/** Plays a story in the order that the scheduler thinks of, until everybody has come to an end. */
export async function play(
  { steps, faults }: Story,
  scheduler: fc.Scheduler,
  guardAt: (elastiCache: ScheduledAws) => Guard,
): Promise<Played> {
  let edited = { at: 0, isOpen: false };
  let toBeOpen = false;
  const revokedWhenOpen: boolean[] = [];
  const elastiCache = await startScheduledAws(scheduler, {
    faults,
    prepare: ({ elastiCacheClient }) => elastiCacheClient.send(new DescribeCacheSecurityGroupsCommand()),
    onCall({ caller, action }) {
      if (caller === 'person' && action === EDITING) edited = { at: calls.length, isOpen: toBeOpen };
    },
  });
  const { clock, calls, elastiCacheClient } = elastiCache;
  const guard = guardAt(elastiCache);
  const readPolicy: ReadPolicy = async () => {
    // To read it takes a while, in which it can be edited.
    await scheduler.schedule(Promise.resolve(), 'the allowlist is read');
    return { ...POLICIES[edited.isOpen ? 'open' : 'closed'], mode: 'enforce' };
  };
  const toRevokeGrant: ClassicPorts['toRevokeGrant'] = async (grant) => {
    // A session takes a while, in which the allowlist can be edited.
    await scheduler.schedule(Promise.resolve(), 'a session is given');
    return await toRevoke((one: ClassicGrant) => {
      revokedWhenOpen.push(edited.isOpen);
      return guard.revokeGrant(one);
    })(grant);
  };
  const now = (): Date => new Date(clock.now());
  const looks: Look[] = [];
  const outcomes: Played['outcomes'][number][] = [];
  const deliveries: Promise<void>[] = [];

  async function deliver(event: unknown, name: string): Promise<void> {
    await scheduler.schedule(Promise.resolve(), `${name} begins`);
    const began = calls.length;
    const read = guard.readPolicy?.(readPolicy) ?? readPolicy;
    const how = { ...UNHURRIED, guardedAccount: ACCOUNT, readPolicy: read, toRevokeGrant, now };
    const ended = await enforceEvent(parseEvent(event), how);
    outcomes.push(ended);
    const { outcome, grant } = ended.outcome;
    if (grant !== undefined && outcome !== 'failed') looks.push({ began, dealtWith: [ownerOf(grant)] });
  }

  async function audit(): Promise<void> {
    await scheduler.schedule(Promise.resolve(), 'audit begins');
    const began = calls.length;
    const read = guard.readPolicy?.(readPolicy) ?? readPolicy;
    const policy = await read();
    const { places, findings } = await runAudit({
      ...UNHURRIED_AUDIT,
      places: [{ account: ACCOUNT, region: REGION }],
      connect: () => ({
        ...fakeCalls({ caches: [] }).calls,
        listGrants: () => listGrants(elastiCacheClient),
        toRevokeGrant,
      }),
      ...policy,
      confirmPolicy: policyConfirmation(policy, read),
      shared: 'hold',
      mixed: 'hold',
      maxRevocations: 10,
      now,
    });
    if (places[0]?.status !== 'judged') return;
    const failed = findings.filter(({ outcome }) => outcome === 'failed').map(({ grant }) => ownerOf(grant));
    looks.push({ began, dealtWith: [STRANGER, ACCOUNT].filter((one) => !failed.includes(one)) });
  }

  /** Makes a call, and some times again while the group is being changed, as a person would. */
  async function insist(action: string, parameters: Readonly<Record<string, string>>) {
    let made = await elastiCache.call(action, parameters);
    for (let again = 0; again < 4 && made.error?.code === 'InvalidCacheSecurityGroupState'; again++) {
      made = await elastiCache.call(action, parameters);
    }
    return made;
  }

  async function person(): Promise<void> {
    await elastiCache.call('CreateCacheSecurityGroup', { ...GROUP, Description: 'Sessions' });
    for (const step of steps) {
      if (step.does === 'allow') {
        toBeOpen = step.open;
        await elastiCache.call(EDITING, {});
        continue;
      }
      if (step.does === 'delete and create') {
        await elastiCache.call('DeleteCacheSecurityGroup', GROUP);
        await elastiCache.call('CreateCacheSecurityGroup', { ...GROUP, Description: 'Sessions' });
        continue;
      }
      const parameters = { ...GROUP, EC2SecurityGroupName: 'web', EC2SecurityGroupOwnerId: step.ownerId };
      const made = await insist(step.does === 'authorize' ? AUTHORIZE : REVOKE, parameters);
      if (step.does === 'revoke' || made.error !== undefined) continue;
      const event = toBusEvent(toCloudTrailRecord(made, now()));
      for (let copy = 1; copy <= step.copies; copy++) {
        const name = `delivery ${copy} of call ${made.requestId}`;
        deliveries.push(elastiCache.as(name, () => deliver(event, name)));
      }
    }
  }

  const everybody = Promise.all([elastiCache.as('person', person), elastiCache.as('audit', audit)]).then(() =>
    Promise.all(deliveries),
  );
  await scheduler.waitFor(Promise.all([everybody, passTime(scheduler, clock, everybody)]));
  return { elastiCache, looks, outcomes, delivered: deliveries.length, edited, revokedWhenOpen };
}

function ownerOf({ kind, source }: Grant): string {
  return kind === 'classic' ? source.ec2SecurityGroupOwnerId : '';
}

/** The status of a grant of `sessions`, as it is now. */
export function statusOf({ region }: ScheduledAws, ec2SecurityGroupName: string, ownerId: string): string | undefined {
  return region.cacheSecurityGroups
    .list('', 100)
    .find(({ CacheSecurityGroupName }) => CacheSecurityGroupName === 'sessions')
    ?.EC2SecurityGroups.find(
      (grant) => grant.EC2SecurityGroupName === ec2SecurityGroupName && grant.EC2SecurityGroupOwnerId === ownerId,
    )?.Status;
}
