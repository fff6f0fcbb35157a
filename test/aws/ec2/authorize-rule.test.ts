import { describe, expect, test } from 'vitest';
import { authorizeSecurityGroupRule } from '../../../src/aws/ec2/authorize-rule.ts';
import { ec2Client } from '../../../src/aws/ec2/client.ts';
import { listSecurityGroupRules } from '../../../src/aws/ec2/list-rules.ts';
import type { VpcGrant } from '../../../src/policy/vpc/grant.ts';
import type { RuleText } from '../../../src/policy/vpc/rule-text.ts';
import { ruleText } from '../../../src/policy/vpc/rule-text.ts';
import type { VpcSource } from '../../../src/policy/vpc/source.ts';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { createGroup, sharePrefixList } from '../../support/local-aws/local-ec2.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { startEndpoint } from '../../support/local-aws/local-endpoint.ts';
import { collect } from '../../support/tools/collect.ts';

/** A local EC2 with a security group that has no ingress rule, and a grant that a rule of it made to this source. */
async function startWith(source: VpcSource) {
  const { url, ec2, calls, region } = await startEndpoint();
  if ('prefixListId' in source) sharePrefixList(region, source.prefixListId);
  const securityGroupId = await createGroup(ec2);
  const target = { cacheName: 'sessions', ports: [6379], securityGroupId, securityGroupRuleId: 'sgr-01' };
  const grant: VpcGrant = { kind: 'vpc', account: ACCOUNT, region: REGION, target, source };
  const client = ec2Client({ endpoint: url, credentials, region: REGION });
  const rules = async () => {
    const listed = (await collect(listSecurityGroupRules(client, [securityGroupId]))).flat();
    return listed.flatMap(({ rule }) => (rule ? [{ source: rule.source, text: ruleText(rule) }] : []));
  };
  return { grant, client, rules, calls };
}

const TEXT: RuleText = { ipProtocol: 'tcp', fromPort: 6379, toPort: 6380, description: 'for the shop' };

describe('the rule of a grant', () => {
  test.each<[string, VpcSource, RuleText]>([
    ['an IPv4 range', { kind: 'cidr', cidr: '10.0.0.0/16' }, TEXT],
    ['an IPv6 range', { kind: 'cidr', cidr: '2001:db8::/32' }, TEXT],
    ['a prefix list', { kind: 'prefixList', prefixListId: 'pl-0e1f2a3b4c5d60001' }, TEXT],
    [
      'anybody, without a description',
      { kind: 'cidr', cidr: '0.0.0.0/0' },
      { ipProtocol: 'udp', fromPort: 53, toPort: 53 },
    ],
    [
      'all protocols',
      { kind: 'cidr', cidr: '10.0.0.0/16' },
      { ipProtocol: '-1', fromPort: -1, toPort: -1, description: 'all' },
    ],
    ['ICMP of every type', { kind: 'cidr', cidr: '10.0.0.0/16' }, { ipProtocol: 'icmp', fromPort: -1, toPort: -1 }],
  ])('is made again as it stood: %s', async (_, source, text) => {
    const { grant, client, rules, calls } = await startWith(source);

    const authorization = await authorizeSecurityGroupRule(client, grant, text);

    expect(authorization).toEqual({ result: 'restored', requestId: calls.at(-1)?.requestId });
    expect(await rules()).toEqual([{ source, text }]);
  });

  test.each([{ securityGroupOwnerId: ACCOUNT }, {}])('is made again for a security group: %j', async (owner) => {
    const { grant, client, rules } = await startWith({ kind: 'cidr', cidr: '10.0.0.0/16' });
    const { securityGroupId } = grant.target;

    await authorizeSecurityGroupRule(
      client,
      { ...grant, source: { kind: 'securityGroup', securityGroupId, ...owner } },
      TEXT,
    );

    expect(await rules()).toEqual([
      { source: { kind: 'securityGroup', securityGroupId, securityGroupOwnerId: ACCOUNT }, text: TEXT },
    ]);
  });

  test('is already there when it is', async () => {
    const { grant, client, rules } = await startWith({ kind: 'cidr', cidr: '10.0.0.0/16' });
    await authorizeSecurityGroupRule(client, grant, TEXT);

    const again = await authorizeSecurityGroupRule(client, grant, { ...TEXT, description: 'another' });

    expect(again.result).toBe('already-there');
    expect(await rules()).toHaveLength(1);
  });

  test('is not made when its security group is gone', async () => {
    const { grant, client } = await startWith({ kind: 'cidr', cidr: '10.0.0.0/16' });
    const target = { ...grant.target, securityGroupId: 'sg-0123456789abcdef0' };

    await expect(authorizeSecurityGroupRule(client, { ...grant, target }, TEXT)).rejects.toMatchObject({
      name: 'InvalidGroup.NotFound',
    });
  });
});
