import { drawFaults, type FaultRates, NO_FAULTS } from '../../../src/local/faults.ts';
import { ACCOUNT, REGION, STRANGER } from '../examples/grants.ts';
import { type LocalEndpoint, OTHER_REGION, startEndpoint, TRANSITION } from '../local-aws/local-endpoint.ts';
import { expectSuccess } from './answers.ts';

/** A region that the endpoint does not have: every call to it fails. */
export const REGION_THAT_IS_DOWN = 'ap-southeast-2';
export { OTHER_REGION };

const AUTHORIZE = 'AuthorizeCacheSecurityGroupIngress';
const DESCRIBE = 'DescribeCacheSecurityGroups';

/** An ElastiCache with two regions in which grants stand. */
export interface AuditedElastiCache extends Pick<LocalEndpoint, 'url' | 'clock' | 'calls' | 'call'> {
  /** Every grant of a region but those that are gone: `sessions <- web of 111122223333: authorized`. */
  standing(region?: string): Promise<string[]>;
  /** What audits called since they began, but for the calls that list caches: there are none. */
  audits(): string[];
  /** All that they called. */
  everyCall(): string[];
}

interface Setup {
  readonly vpcOnly?: boolean;
  /** How many grants of a stranger, which the allowlist of these tests does not allow, stand in each region. */
  readonly denied?: number;
  /** How many cache security groups without grants there are beside. */
  readonly empty?: number;
  /** What goes wrong once all of this stands. */
  readonly faults?: Partial<FaultRates> & { readonly seed?: number };
}

/** Starts it with one grant in each region that the allowlist allows. */
export async function startAuditedElastiCache(setup: Setup = {}): Promise<AuditedElastiCache> {
  const { denied = 1, empty = 0, vpcOnly = false } = setup;
  const faults = drawFaults({ ...NO_FAULTS, ...setup.faults });
  let ready = false;
  const endpoint = await startEndpoint({
    quota: 1_000,
    vpcOnly,
    faults: { ...faults, happens: (fault, subject) => ready && faults.happens(fault, subject) },
  });
  const { call, clock, calls } = endpoint;
  for (const region of vpcOnly ? [] : [REGION, OTHER_REGION]) {
    const create = async (CacheSecurityGroupName: string) => {
      const created = await call('CreateCacheSecurityGroup', { CacheSecurityGroupName, Description: 'a' }, { region });
      expectSuccess(created, 'CreateCacheSecurityGroup');
    };
    const authorize = async (EC2SecurityGroupName: string, EC2SecurityGroupOwnerId: string) => {
      const grant = { CacheSecurityGroupName: 'sessions', EC2SecurityGroupName, EC2SecurityGroupOwnerId };
      expectSuccess(await call(AUTHORIZE, grant, { region }), AUTHORIZE);
    };
    await create('sessions');
    for (let index = 0; index < empty; index++) await create(`empty-${index}`);
    await authorize('web', ACCOUNT);
    for (let index = 0; index < denied; index++) await authorize(index === 0 ? 'web' : `web-${index}`, STRANGER);
  }
  clock.advance(TRANSITION);
  ready = true;
  const callsBefore = calls.length;
  const everyCall = (): string[] => calls.slice(callsBefore).map(({ action, region }) => `${action} ${region}`);
  return {
    ...endpoint,
    audits: () => everyCall().filter((call) => call.includes('CacheSecurityGroup')),
    everyCall,
    async standing(region = REGION) {
      ready = false;
      const answer = expectSuccess(await call(DESCRIBE, { CacheSecurityGroupName: 'sessions' }, { region }), DESCRIBE);
      ready = true;
      const [group] = answer.CacheSecurityGroups as { EC2SecurityGroups: Record<string, string>[] }[];
      return (group?.EC2SecurityGroups ?? []).map(
        (grant) => `${grant.EC2SecurityGroupName} of ${grant.EC2SecurityGroupOwnerId}: ${grant.Status}`,
      );
    },
  };
}
