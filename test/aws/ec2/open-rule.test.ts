import { describe, expect, onTestFinished, test } from 'vitest';
import { ec2Client } from '../../../src/aws/ec2/client.ts';
import { openRule } from '../../../src/aws/ec2/open-rule.ts';
import { drawFaults, type FaultRates, NO_FAULTS } from '../../../src/local/faults.ts';
import { REGION } from '../../support/examples/grants.ts';
import { startAws } from '../../support/local-aws/local-aws.ts';
import { authorize, createGroup, ec2ClientFor, ingressOf, tcp } from '../../support/local-aws/local-ec2.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';

/** A group, and what goes wrong with so many tries of its Authorize calls. */
async function startGroup(fault?: keyof FaultRates, tries = 0, describeLagMs = 0) {
  let left = 0;
  const none = drawFaults(NO_FAULTS);
  const happens: typeof none.happens = (one, subject) =>
    one === fault && subject.includes('AuthorizeSecurityGroupIngress') && left-- > 0;
  const { aws, clock } = await startAws({ faults: { ...none, happens }, describeLagMs });
  // Time passes between two looks.
  aws.events.on('call', ({ action }) => {
    if (action === 'DescribeSecurityGroupRules') void clock.advance(1000);
  });
  const ec2 = ec2ClientFor(aws.url);
  const securityGroupId = await createGroup(ec2);
  const client = ec2Client({ region: REGION, endpoint: aws.url, credentials });
  onTestFinished(() => client.destroy());
  const rule = { securityGroupId, port: 6379, cidr: '192.0.2.1/32', description: 'drill 1' };
  return {
    open: () => {
      left = tries;
      return openRule(client, rule);
    },
    another: () =>
      authorize(ec2, securityGroupId, tcp(6379, { IpRanges: [{ CidrIp: rule.cidr, Description: 'of another' }] })),
    rules: () => ingressOf(ec2, securityGroupId),
  };
}

describe('opening a rule', () => {
  test('makes it, and gives its id', async () => {
    const { open, rules } = await startGroup();

    const id = await open();

    expect(await rules()).toMatchObject([
      { SecurityGroupRuleId: id, CidrIpv4: '192.0.2.1/32', FromPort: 6379, ToPort: 6379, Description: 'drill 1' },
    ]);
  });

  test.each([1, 6])('gives its id also where %i answers were lost', async (tries) => {
    const { open, rules } = await startGroup('cutAfter', tries);

    const id = await open();

    expect((await rules()).map(({ SecurityGroupRuleId }) => SecurityGroupRuleId)).toEqual([id]);
  });

  test('gives its id also where an answer was lost, and EC2 lists the rule a moment late', async () => {
    const { open, rules } = await startGroup('cutAfter', 1, 1000);

    const id = await open();

    expect((await rules()).map(({ SecurityGroupRuleId }) => SecurityGroupRuleId)).toEqual([id]);
  });

  test('does not call a rule that of another which its own first try may have made', async () => {
    const { open } = await startGroup('cutAfter', 1, 3_600_000);

    await expect(open()).rejects.toMatchObject({ name: 'UnknownRuleError' });
  });

  test('does not take the rule of another for its own', async () => {
    const { open, another, rules } = await startGroup();
    await another();

    await expect(open()).rejects.toMatchObject({ name: 'RuleThereError' });
    expect(await rules()).toMatchObject([{ Description: 'of another' }]);
  });

  test('says that it does not know, where nothing was answered and no rule is listed', async () => {
    const { open } = await startGroup('cutBefore', 6);

    await expect(open()).rejects.toMatchObject({ name: 'UnknownRuleError' });
  });
});
