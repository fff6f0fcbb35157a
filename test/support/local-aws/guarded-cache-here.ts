import { vi } from 'vitest';
import type { EndpointSettings } from '../../../src/local/api-endpoint.ts';
import { REGION } from '../examples/grants.ts';
import { stubEnvironment } from '../functions/aws-environment.ts';
import { startGuardedCache } from '../functions/enforce-security-group-function.ts';
import { authorize, tcp } from './local-ec2.ts';

/** An account with a guarded cache, as commands see it. */
export type GuardedCacheHere = Awaited<ReturnType<typeof startGuardedCacheHere>>;

/** The same account, which the SDK in this process finds by its own environment variables. */
export async function startGuardedCacheHere(settings: Partial<EndpointSettings> = {}) {
  const account = await startGuardedCache(settings);
  const { ec2, groupId } = account;
  const environment = { ...account.environment, AWS_REGION: REGION };
  stubEnvironment(environment);
  // What is imported from now on makes clients of its own, for this account.
  vi.resetModules();
  return {
    ...account,
    /** For a command: mode enforce, and the allowlist of this account. */
    environment,
    /** Lets these addresses reach the cache's port. */
    async letIn(CidrIp: string, Description = 'of the shop') {
      const [rule] = await authorize(ec2, groupId, tcp(6379, { IpRanges: [{ CidrIp, Description }] }));
      return rule?.SecurityGroupRuleId as string;
    },
    /** What the command called, without what lists cache security groups and caches. */
    callsToEc2: () =>
      account.guardsCalls().filter((action) => action.includes('SecurityGroup') && !action.includes('Cache')),
  };
}
