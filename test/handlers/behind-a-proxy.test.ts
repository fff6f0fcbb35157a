import { expect, test } from 'vitest';
import { sampleEvent, withChanges } from '../events/sample-events.ts';
import { allowlistFile, startEnforceIngress } from '../support/functions/enforce-ingress-function.ts';
import { startEnforceSecurityGroup, VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { eventOfRules, startGuardingGroup, strangers } from '../support/scripted/guarding-group.ts';
import { startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';

const PAGE = { status: 200, xml: '<html><body><h1>Sign in</h1></body></html>' };

const of = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

test.each([
  'DescribeCacheClusters',
  'DescribeServerlessCaches',
  'DescribeSecurityGroupRules',
  'DescribeNetworkInterfaces',
  'RevokeSecurityGroupIngress',
])('an event of a security group is failed if a proxy answers %s with a page', async (action) => {
  await using group = await startGuardingGroup({
    ranges: strangers(1),
    // It opens more than the port of the cache: then others than caches may need it, and the network interfaces are asked for.
    rule: action === 'DescribeNetworkInterfaces' ? { fromPort: '0', toPort: '65535' } : {},
    inPlaceOf: (called) => (called === action ? PAGE : undefined),
  });
  const invoke = await startEnforceSecurityGroup({
    ...group.environment,
    INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST),
  });
  // By then a rule that is not listed is gone.
  const event = withChanges(eventOfRules(0), { 'detail.eventTime': of(30) });

  const { error, decisions } = await invoke(event);

  expect(decisions.map(({ outcome }) => outcome)).toEqual(['failed']);
  expect(error?.message).toContain(`${action} in us-east-1: the answer of 127.0.0.1`);
  expect(group.revoked).toEqual([]);
});

test('an event of a cache security group is failed if a proxy answers the revocation with a page', async () => {
  await using endpoint = await startScriptedEndpoint(PAGE);
  const invoke = await startEnforceIngress({
    AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url,
    INGRESS_GUARD_MODE: 'enforce',
  });

  const { error, decisions } = await invoke(sampleEvent('authorize-ingress'));

  expect(decisions.map(({ outcome }) => outcome)).toEqual(['failed']);
  expect(error?.message).toContain('RevokeCacheSecurityGroupIngress in us-east-1: the answer of 127.0.0.1');
});
