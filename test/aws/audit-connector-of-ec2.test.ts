import { describe, expect, test } from 'vitest';
import { auditConnector } from '../../src/aws/audit-connector.ts';
import { NoFinalAnswerError } from '../../src/aws/revocation.ts';
import type { SecurityGroupRule } from '../../src/policy/vpc/security-group-rule.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { madeAtOnce } from '../support/examples/to-revoke.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { OTHER_REGION, startEndpoint } from '../support/local-aws/local-endpoint.ts';
import { ec2Answer, ec2Error, rulesPage } from '../support/scripted/ec2-answers.ts';
import { startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';
import { collect } from '../support/tools/collect.ts';

const RULE: SecurityGroupRule = {
  account: ACCOUNT,
  region: REGION,
  securityGroupId: 'sg-0123456789abcdef0',
  securityGroupRuleId: 'sgr-0123456789abcdef0',
  ipProtocol: 'tcp',
  source: { kind: 'cidr', cidr: '0.0.0.0/0' },
};
const unlimited = Number.POSITIVE_INFINITY;

/** The calls of an audit that has this much time, at an endpoint. */
function callsTo(url: string, patienceMs = 600_000) {
  stubEnvironment({ AWS_ENDPOINT_URL_EC2: url });
  const { connect, made } = auditConnector({
    requestsPerSecond: unlimited,
    deadline: new Date(Date.now() + patienceMs),
  });
  return { made, at: (region: string) => connect({ account: ACCOUNT, region }) };
}

describe('the calls of an audit to EC2', () => {
  test('go to the region that they are about', async () => {
    const endpoint = await startEndpoint();
    const calls = callsTo(endpoint.url);
    const elsewhere = { ...RULE, region: OTHER_REGION };

    await collect(calls.at(REGION).listRules(['sg-0a']));
    await calls.at(OTHER_REGION).guardsCache(RULE.securityGroupId);
    const { result } = await madeAtOnce(calls.at(OTHER_REGION).toRevokeRule(elsewhere));

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

    await collect(calls.at(REGION).listRules(['sg-0a']));
    await madeAtOnce(calls.at(REGION).toRevokeRule(RULE));

    expect(calls.made).toEqual({ DescribeSecurityGroupRules: 1, RevokeSecurityGroupIngress: 3 });
  });

  test('end when the time is up', async () => {
    await using endpoint = await startScriptedEndpoint('silence');
    const calls = callsTo(endpoint.url, 200);

    await expect(collect(calls.at(REGION).listRules(['sg-0a']))).rejects.toThrow();
    await expect(calls.at(REGION).guardsSomethingElse(RULE.securityGroupId)).rejects.toThrow();
    await expect(madeAtOnce(calls.at(REGION).toRevokeRule(RULE))).rejects.toThrow(NoFinalAnswerError);
  });
});
