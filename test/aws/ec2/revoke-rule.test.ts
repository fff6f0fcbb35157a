import { DeleteSecurityGroupCommand, type EC2Client, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ec2Client } from '../../../src/aws/ec2/client.ts';
import { revokeSecurityGroupRule } from '../../../src/aws/ec2/revoke-rule.ts';
import { NoFinalAnswerError } from '../../../src/aws/revocation.ts';
import { REGION } from '../../support/examples/grants.ts';
import { authorize, createGroup, ingressOf, tcp } from '../../support/local-aws/local-ec2.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { startEndpoint } from '../../support/local-aws/local-endpoint.ts';
import { ec2Answer, ec2Error } from '../../support/scripted/ec2-answers.ts';
import { startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';
import { holdTime } from '../../support/time/held-time.ts';

const REVOKE = 'RevokeSecurityGroupIngress';
const RULE = { securityGroupId: 'sg-0a', securityGroupRuleId: 'sgr-01' };
const revoked = ec2Answer(REVOKE, '<return>true</return>');

function revoke(url: string, rule = RULE, { patienceMs = 600_000, maxAttempts = 6 } = {}) {
  const client = ec2Client({ endpoint: url, credentials, maxAttempts, region: REGION });
  return revokeSecurityGroupRule(client, rule, new Date(Date.now() + patienceMs));
}

/** A local EC2 with a security group of two rules that came with one permission, and the first of them. */
async function startWithRules() {
  const endpoint = await startEndpoint();
  const { ec2, calls } = endpoint;
  const securityGroupId = await createGroup(ec2);
  const IpRanges = [{ CidrIp: '0.0.0.0/0' }, { CidrIp: '10.0.0.0/16' }];
  const [first] = await authorize(ec2, securityGroupId, tcp(6379, { IpRanges }));
  const rule = { securityGroupId, securityGroupRuleId: first?.SecurityGroupRuleId as string };
  const before = calls.length;
  return { ...endpoint, rule, made: () => calls.slice(before) };
}

async function rangesOf(ec2: EC2Client, securityGroupId: string): Promise<(string | undefined)[]> {
  return (await ingressOf(ec2, securityGroupId)).map(({ CidrIpv4 }) => CidrIpv4);
}

describe('a rule that stands', () => {
  test('is revoked with one call, whose request id is told, and the others of its permission stay', async () => {
    const { url, ec2, rule, made } = await startWithRules();

    const revocation = await revoke(url, rule);

    expect(made().map(({ action }) => action)).toEqual([REVOKE]);
    expect(revocation).toEqual({ result: 'revoked', requestId: made()[0]?.requestId });
    expect(await rangesOf(ec2, rule.securityGroupId)).toEqual(['10.0.0.0/16']);
  });

  test('is named by its id alone', async () => {
    const { url, rule, made } = await startWithRules();

    await revoke(url, rule);

    expect(Object.fromEntries(made()[0]?.parameters ?? [])).toEqual({
      GroupId: rule.securityGroupId,
      'SecurityGroupRuleId.1': rule.securityGroupRuleId,
    });
  });
});

describe('a rule that does not stand any more', () => {
  test('is already gone when somebody else revoked it', async () => {
    const { url, ec2, rule, made } = await startWithRules();
    const SecurityGroupRuleIds = [rule.securityGroupRuleId];
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: rule.securityGroupId, SecurityGroupRuleIds }));

    const revocation = await revoke(url, rule);

    expect(made().at(-1)?.error?.code).toBe('InvalidSecurityGroupRuleId.NotFound');
    expect(revocation).toEqual({ result: 'already-gone', requestId: made().at(-1)?.requestId });
    expect(await rangesOf(ec2, rule.securityGroupId)).toEqual(['10.0.0.0/16']);
  });

  test('is already gone when its security group is', async () => {
    const { url, ec2, rule, made } = await startWithRules();
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId: rule.securityGroupId }));

    const revocation = await revoke(url, rule);

    expect(made().at(-1)?.error?.code).toMatch(/^InvalidGroup\.NotFound$/);
    expect(revocation.result).toBe('already-gone');
  });

  test.each(['InvalidPermission.NotFound', 'InvalidSecurityGroupID.NotFound', 'InvalidGroupId.NotFound'])(
    'is already gone when EC2 answers %s',
    async (code) => {
      await using endpoint = await startScriptedEndpoint(ec2Error(400, code));

      expect((await revoke(endpoint.url)).result).toBe('already-gone');
    },
  );

  test('is already gone when EC2 answers that it knows no such rule, and calls that a success', async () => {
    const unknown = '<unknownIpPermissionSet><item><ipProtocol>tcp</ipProtocol></item></unknownIpPermissionSet>';
    await using endpoint = await startScriptedEndpoint(ec2Answer(REVOKE, `<return>true</return>${unknown}`));

    expect(await revoke(endpoint.url)).toEqual({ result: 'already-gone', requestId: expect.any(String) });
  });
});

describe('EC2 in trouble', () => {
  test.each([
    ['throttles', ec2Error(503, 'RequestLimitExceeded', 'Request limit exceeded.')],
    ['throttles with another status', ec2Error(400, 'RequestLimitExceeded')],
    ['fails', ec2Error(500, 'InternalError')],
    ['is not available', ec2Error(503, 'Unavailable')],
    ['cuts the connection', 'cut' as const],
  ])('is asked again when it %s', async (_, trouble) => {
    await using endpoint = await startScriptedEndpoint(trouble, revoked);

    const { result } = await revoke(endpoint.url);

    expect(result).toBe('revoked');
    expect(endpoint.actions).toEqual([REVOKE, REVOKE]);
  });

  test('is told of as it answers, if it does not get better', async () => {
    await using endpoint = await startScriptedEndpoint(ec2Error(503, 'RequestLimitExceeded'));

    await expect(revoke(endpoint.url, RULE, { maxAttempts: 2 })).rejects.toMatchObject({
      name: 'RequestLimitExceeded',
    });
    expect(endpoint.actions).toHaveLength(2);
  });

  test.each(['UnauthorizedOperation', 'InvalidSecurityGroupRuleId.Malformed', 'InvalidPermission.Duplicate'])(
    'is told of as it answers %s, and not asked again',
    async (code) => {
      await using endpoint = await startScriptedEndpoint(ec2Error(400, code));

      await expect(revoke(endpoint.url)).rejects.toMatchObject({ name: code });
      expect(endpoint.actions).toHaveLength(1);
    },
  );

  test('is not believed when it says neither yes nor why not', async () => {
    await using endpoint = await startScriptedEndpoint(ec2Answer(REVOKE, '<return>false</return>'));

    await expect(revoke(endpoint.url)).rejects.toThrow('EC2 did not revoke rule sgr-01, and did not say why');
  });
});

describe('the deadline', () => {
  test.each([
    ['in the middle of a call', 'silence' as const],
    ['between two tries', ec2Error(503, 'RequestLimitExceeded')],
  ])('ends a revocation %s, with an error that says so', async (_, answer) => {
    await using endpoint = await startScriptedEndpoint(answer);
    const time = holdTime();
    const revocation = Promise.allSettled([revoke(endpoint.url, RULE, { patienceMs: 300, maxAttempts: 50 })]);
    await expect.poll(() => endpoint.actions).toEqual([REVOKE]);

    await time.pass(300);

    const error = new NoFinalAnswerError('EC2 gave no final answer within 300 ms');
    expect(await revocation).toEqual([{ status: 'rejected', reason: error }]);
  });

  test('has an error also when it has passed already', async () => {
    await using endpoint = await startScriptedEndpoint('silence');

    await expect(revoke(endpoint.url, RULE, { patienceMs: -1_000 })).rejects.toThrow(NoFinalAnswerError);
  });
});
