import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Accounts } from '../../src/local/accounts.ts';
import type { Region } from '../../src/local/region.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { OTHER_REGION, TRANSITION } from '../support/local-aws/local-endpoint.ts';
import { MEMBER, ORGANIZATION, OTHER_MEMBER } from '../support/local-aws/organization.ts';
import { ManualClock } from '../support/time/manual-clock.ts';
import { times } from '../support/tools/fuzz.ts';

const settings = { regions: [REGION, OTHER_REGION], transitionMs: TRANSITION };

const STEPS = {
  createGroup: ({ securityGroups }: Region, name: string) => securityGroups.create(name, 'Of the shop'),
  authorize({ securityGroups, securityGroupRules }: Region, name: string) {
    const { groupId } = securityGroups.getByName('default');
    const source = { cidrIpv4: `10.0.${name.charCodeAt(0)}.0/24` };
    return securityGroupRules.add(groupId, [{ ipProtocol: 'tcp', fromPort: 6379, toPort: 6379, source }]);
  },
  createCacheGroup: ({ cacheSecurityGroups }: Region, name: string) =>
    cacheSecurityGroups.create(name, 'Of the shop', []),
  grant: ({ cacheSecurityGroups }: Region, name: string) => cacheSecurityGroups.authorize('default', name, ACCOUNT),
};

/** What a step came to, also if it was refused. */
function take(region: Region, action: keyof typeof STEPS, name: string): unknown {
  try {
    return STEPS[action](region, name);
  } catch (error) {
    return (error as Error).message;
  }
}

const step = fc.record({
  account: fc.constantFrom(ACCOUNT, MEMBER, OTHER_MEMBER),
  region: fc.constantFrom(...settings.regions),
  action: fc.constantFrom(...(Object.keys(STEPS) as (keyof typeof STEPS)[])),
  name: fc.constantFrom('a', 'b', 'c'),
});

test('every account is as it would be alone, whatever happens in the others in between', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const clock = new ManualClock();
      const together = new Accounts({ ...settings, accountId: ACCOUNT, organization: ORGANIZATION }, clock);
      const alone = new Map(
        [ACCOUNT, MEMBER, OTHER_MEMBER].map((id) => [id, new Accounts({ ...settings, accountId: id }, clock).home]),
      );

      for (const { account, region, action, name } of steps) {
        const [here, there] = [together.find(account), alone.get(account)].map((one) => one?.region(region) as Region);

        expect(take(here as Region, action, name)).toEqual(take(there as Region, action, name));
      }
    }),
    times(100),
  );
});
