import { expect, test } from 'vitest';
import { readRuleStatus } from '../../../src/aws/ec2/read-rule-status.ts';
import { revokeSecurityGroupRule } from '../../../src/aws/ec2/revoke-rule.ts';
import { authorize, createGroup, tcp } from '../../support/local-aws/local-ec2.ts';
import { startEndpoint } from '../../support/local-aws/local-endpoint.ts';

const patience = () => AbortSignal.timeout(600_000);

test('a rule is listed until it is gone, whatever else its security group has', async () => {
  const { ec2 } = await startEndpoint();
  const securityGroupId = await createGroup(ec2);
  const IpRanges = ['10.0.0.0/16', '10.1.0.0/16'].map((CidrIp) => ({ CidrIp }));
  const [one, other] = await authorize(ec2, securityGroupId, tcp(6379, { IpRanges }));
  const idsOf = (rule: typeof one) => ({ securityGroupId, securityGroupRuleId: rule?.SecurityGroupRuleId ?? '' });

  const before = await readRuleStatus(ec2, idsOf(one), patience());
  await revokeSecurityGroupRule(ec2, idsOf(one), new Date(Date.now() + 30_000));

  expect(before).toBe('listed');
  expect(await readRuleStatus(ec2, idsOf(one), patience())).toBeUndefined();
  expect(await readRuleStatus(ec2, idsOf(other), patience())).toBe('listed');
});

test('a rule of a security group that is not there is not listed', async () => {
  const { ec2 } = await startEndpoint();
  const ids = { securityGroupId: 'sg-0123456789abcdef0', securityGroupRuleId: 'sgr-0123456789abcdef0' };

  expect(await readRuleStatus(ec2, ids, patience())).toBeUndefined();
});
