import { describe, expect, test } from 'vitest';
import { RevocationTimedOutError } from '../../src/aws/revocation.ts';
import { ec2AuditCalls } from '../../src/ec2/audit-calls.ts';
import type { SecurityGroupRule } from '../../src/policy/security-group-rule.ts';
import { stubEnvironment } from '../support/aws-environment.ts';
import { collect } from '../support/collect.ts';
import { ec2Answer, ec2Error, rulesPage } from '../support/ec2-answers.ts';
import { ACCOUNT, REGION } from '../support/grants.ts';
import { OTHER_REGION, startEndpoint } from '../support/local-endpoint.ts';
import { startScriptedEndpoint } from '../support/scripted-endpoint.ts';

const RULE: SecurityGroupRule = {
  account: ACCOUNT,
  region: REGION,
  securityGroupId: 'sg-0123456789abcdef0',
  securityGroupRuleId: 'sgr-0123456789abcdef0',
  ipProtocol: 'tcp',
  source: { cidr: '0.0.0.0/0' },
};
const unlimited = Number.POSITIVE_INFINITY;

/** The calls of an audit that has this much time, at an endpoint. */
function callsTo(url: string, patienceMs = 600_000) {
  stubEnvironment({ AWS_ENDPOINT_URL_EC2: url });
  return ec2AuditCalls({ requestsPerSecond: unlimited, deadline: new Date(Date.now() + patienceMs) });
}

describe('the calls of an audit to EC2', () => {
  test('go to the region that they are about', async () => {
    const endpoint = await startEndpoint();
    const calls = callsTo(endpoint.url);
    const elsewhere = { ...RULE, region: OTHER_REGION };

    await collect(calls.listRules(REGION, ['sg-0a']));
    await calls.guardsSomethingElse(elsewhere);
    const { result } = await calls.revokeRule(elsewhere);

    expect(result).toBe('already-gone');
    expect(endpoint.calls.map(({ action, region }) => `${action} ${region}`)).toEqual([
      `DescribeSecurityGroupRules ${REGION}`,
      `DescribeNetworkInterfaces ${OTHER_REGION}`,
      `RevokeSecurityGroupIngress ${OTHER_REGION}`,
    ]);
  });

  test('are counted by operation, with every try', async () => {
    await using endpoint = await startScriptedEndpoint(
      rulesPage([{ cidrIpv4: '0.0.0.0/0' }]),
      'cut',
      ec2Error(503, 'RequestLimitExceeded'),
      ec2Answer('RevokeSecurityGroupIngress', '<return>true</return>'),
    );
    const calls = callsTo(endpoint.url);

    await collect(calls.listRules(REGION, ['sg-0a']));
    await calls.revokeRule(RULE);

    expect(calls.made).toEqual({ DescribeSecurityGroupRules: 1, RevokeSecurityGroupIngress: 3 });
  });

  test('end when the time is up', async () => {
    await using endpoint = await startScriptedEndpoint('silence');
    const calls = callsTo(endpoint.url, 200);

    await expect(collect(calls.listRules(REGION, ['sg-0a']))).rejects.toThrow();
    await expect(calls.guardsSomethingElse(RULE)).rejects.toThrow();
    await expect(calls.revokeRule(RULE)).rejects.toThrow(RevocationTimedOutError);
  });
});
