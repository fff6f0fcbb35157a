import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthorizeSecurityGroupIngressCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  AuthorizeCacheSecurityGroupIngressCommand,
  CreateCacheSecurityGroupCommand,
  CreateReplicationGroupCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import type { AccountFaults } from '../../../src/local/account-faults.ts';
import { systemClock } from '../../../src/local/clock.ts';
import { drawFaults, type FaultRates, NO_FAULTS } from '../../../src/local/faults.ts';
import { deployHub, type Hub } from '../../../src/local/hub.ts';
import { type LocalAws, startLocalAws } from '../../../src/local/local-aws.ts';
import type { HubSettings } from '../../../src/local/read-hub.ts';
import type { Target } from '../../../src/policy/target.ts';
import { REGION } from '../../support/examples/grants.ts';
import { createGroup, tcp } from '../../support/local-aws/local-ec2.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { OTHER_REGION } from '../../support/local-aws/local-endpoint.ts';
import { checkoutWithBug } from './checkout-with-bug.ts';
import {
  ALLOWLIST,
  HUB,
  organizationOf,
  type Plan,
  type PlannedGrant,
  planOrganization,
  REGIONS,
  type Trouble,
} from './plan.ts';
import { Witness } from './witness.ts';

export interface RunSettings {
  readonly seed: number;
  /** How many grants are made in each account and region. */
  readonly grantsAtAPlace: number;
  /** A folder of `bugs/`: its modules take the place of those of the checkout. */
  readonly bug?: string;
  readonly settings?: Partial<HubSettings>;
}

/** What came of a run. */
export interface Run {
  readonly plan: Plan;
  readonly witness: Witness;
  /** The grants that there are in the end. */
  readonly standing: readonly string[];
  /** What the last report says of each place. */
  readonly targets: readonly Target[];
  readonly faults: Readonly<Record<keyof FaultRates, number>>;
  readonly audits: number;
}

/** What Lambda and EventBridge wait is so many times shorter than on AWS. */
const SPEED = 240;
const RATES: Partial<FaultRates> = {
  throttle: 0.02,
  serverError: 0.02,
  slow: 0.02,
  cutBefore: 0.01,
  cutAfter: 0.01,
  dropEvent: 0.1,
  doubleEvent: 0.15,
  delayEvent: 0.5,
  reorderEvent: 0.1,
};
const FAULTS: Readonly<Partial<Record<Trouble, AccountFaults>>> = {
  'the role is missing': { roleMissing: true },
  'the rule is disabled': { ruleDisabled: true },
  'a region is not enabled': { optOut: [OTHER_REGION] },
  'a policy denies a region': { scp: { regions: [OTHER_REGION] } },
  'calls are throttled': { throttle: 0.15 },
};
/** An audit whose functions were in trouble is followed by another one, as an hour later. */
const MOST_AUDITS = 3;

/**
 * Lets people and faults loose on an organization on the local AWS, with the hub and the members as the stack deploys them. When no event
 * is under way any more, the organization is audited.
 */
export async function runOrganization({ seed, grantsAtAPlace, bug, settings }: RunSettings): Promise<Run> {
  const plan = planOrganization(seed, grantsAtAPlace);
  const rates = { ...NO_FAULTS, seed, slowMs: 120_000, delayMs: 300_000 };
  const faults = drawFaults(rates);
  const started = { port: 0, accountId: HUB, regions: REGIONS, transitionMs: 50, creatingMs: 0, credentials, faults };
  const aws = await startLocalAws({ ...started, organization: organizationOf(plan) }, systemClock(SPEED));
  const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-organization-'));
  let hub: Hub | undefined;
  const people = new People(aws);
  try {
    const allowlist = join(folder, 'allowlist.yaml');
    await writeFile(allowlist, ALLOWLIST);
    const excludedAccounts = [...plan.troubles]
      .flatMap(([id, trouble]) => (trouble === 'it is excluded' ? id : []))
      .join();
    hub = await deployHub(
      aws,
      {
        mode: 'enforce',
        allowlist,
        organization: 'o-localaws01',
        organizationalUnits: 'r-root',
        regions: REGIONS.join(),
        excludedAccounts,
        maxRevocations: 'unlimited',
        maxRevocationsPerRun: 'unlimited',
        ...settings,
      },
      { folder: bug === undefined ? '.' : await checkoutWithBug(folder, bug), account: HUB, region: REGION },
    );
    await people.prepare(plan);
    for (const account of aws.accounts.list()) account.faults = FAULTS[troubleOf(plan, account.id)] ?? {};
    Object.assign(rates, RATES);
    const cutShort = [...plan.troubles].flatMap(([id, trouble]) => (trouble === 'sessions are cut short' ? id : []));
    const witness = new Witness(aws, cutShort);
    await Promise.all([
      ...plan.grants.map((grant) => people.make(grant, witness)),
      ...aws.accounts.list().map(async (account) => {
        if (troubleOf(plan, account.id) !== 'the role is missing for a while') return;
        account.faults = { roleMissing: true };
        await witness.until(plan.endMs / 2);
        account.faults = {};
      }),
    ]);
    await aws.idle();
    const { targets, audits } = await audit(aws, hub, plan);
    await aws.idle();
    return { plan, witness, standing: witness.standing(), targets, faults: faults.injected, audits };
  } finally {
    people.leave();
    await hub?.close();
    await aws.close();
    await rm(folder, { recursive: true });
  }
}

const troubleOf = ({ troubles }: Plan, account: string): Trouble => troubles.get(account) ?? 'nothing';

/** Audits until no place is open that need not be. */
async function audit(aws: LocalAws, hub: Hub, plan: Plan) {
  let targets: readonly Target[] = [];
  for (let audits = 1; ; audits++) {
    const run = `2026-11-29T${String(audits).padStart(2, '0')}`;
    await aws.startExecution(hub.audit, run, {}).output.catch(() => undefined);
    await aws.idle();
    const stored = aws.accounts.buckets.find(hub.bucketName)?.objects.get(`runs/${run}/targets.json`)?.body;
    targets = stored === undefined ? [] : (JSON.parse(stored) as { targets: Target[] }).targets;
    const isOpen = targets.some((one) => one.status === 'not-judged' && !isOpenByPlan(plan, one));
    if ((targets.length > 0 && !isOpen) || audits === MOST_AUDITS) return { targets, audits };
  }
}

function isOpenByPlan(plan: Plan, { account }: Target): boolean {
  return ['the role is missing', 'a policy denies a region'].includes(troubleOf(plan, account));
}

/** Those who open caches. They try again until they are answered. */
class People {
  readonly #aws: LocalAws;
  readonly #clients = new Map<string, { readonly ec2: EC2Client; readonly elastiCache: ElastiCacheClient }>();
  /** The security group of the cache of a place. */
  readonly #groups = new Map<string, string>();

  constructor(aws: LocalAws) {
    this.#aws = aws;
  }

  /** Makes what stood before: in each place a cache behind a security group, and a cache security group. Nobody watches that. */
  async prepare({ grants }: Plan): Promise<void> {
    for (const account of this.#aws.accounts.list()) account.faults = { ruleDisabled: true };
    const places = new Map(grants.map(({ account, region }) => [`${account} ${region}`, { account, region }]));
    const open = async (place: string, at: Pick<PlannedGrant, 'account' | 'region'>): Promise<void> => {
      const { ec2, elastiCache } = this.#clientsAt(at);
      const groupId = await createGroup(ec2);
      this.#groups.set(place, groupId);
      const cache = { ReplicationGroupId: 'sessions', ReplicationGroupDescription: 'Sessions', NumCacheClusters: 1 };
      await elastiCache.send(new CreateReplicationGroupCommand({ ...cache, SecurityGroupIds: [groupId] }));
      const group = { CacheSecurityGroupName: 'sessions', Description: 'Sessions' };
      await elastiCache.send(new CreateCacheSecurityGroupCommand(group));
    };
    await Promise.all([...places].map(([place, at]) => open(place, at)));
    await Promise.all(grants.map((grant) => (grant.atMs === undefined ? this.#make(grant) : undefined)));
    await this.#aws.idle();
  }

  async make(grant: PlannedGrant, witness: Witness): Promise<void> {
    if (grant.atMs === undefined) return;
    await witness.until(grant.atMs);
    await this.#make(grant);
  }

  leave(): void {
    for (const { ec2, elastiCache } of this.#clients.values()) {
      ec2.destroy();
      elastiCache.destroy();
    }
  }

  async #make(grant: PlannedGrant): Promise<void> {
    const { ec2, elastiCache } = this.#clientsAt(grant);
    const { source } = grant;
    const GroupId = this.#groups.get(`${grant.account} ${grant.region}`);
    const call =
      'cidr' in source
        ? ec2.send(
            new AuthorizeSecurityGroupIngressCommand({
              GroupId,
              IpPermissions: [tcp(6379, { IpRanges: [{ CidrIp: source.cidr }] })],
            }),
          )
        : elastiCache.send(
            new AuthorizeCacheSecurityGroupIngressCommand({
              CacheSecurityGroupName: 'sessions',
              EC2SecurityGroupName: source.name,
              EC2SecurityGroupOwnerId: source.owner,
            }),
          );
    await call.catch((error: Error) => {
      // The answer to the first try was cut.
      if (!/Duplicate|AlreadyExists|InvalidCacheSecurityGroupState/.test(error.name)) throw error;
    });
  }

  #clientsAt({ account, region }: Pick<PlannedGrant, 'account' | 'region'>) {
    const known = this.#clients.get(`${account} ${region}`);
    if (known !== undefined) return known;
    const as = {
      region,
      endpoint: this.#aws.url,
      credentials: this.#aws.accounts.find(account)?.credentials ?? credentials,
      retryStrategy: new ConfiguredRetryStrategy(20, () => 50),
    };
    const made = { ec2: new EC2Client(as), elastiCache: new ElastiCacheClient(as) };
    this.#clients.set(`${account} ${region}`, made);
    return made;
  }
}
