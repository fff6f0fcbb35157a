import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type AwsAtPlace, connector } from '../../src/aws/connect.ts';
import { NoFinalAnswerError } from '../../src/aws/revocation.ts';
import { ACCOUNT, REGION, STRANGER, strangersGrant } from '../support/examples/grants.ts';
import { ruleWith } from '../support/examples/security-groups.ts';
import { madeAtOnce } from '../support/examples/to-revoke.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { OTHER_REGION, startEndpoint } from '../support/local-aws/local-endpoint.ts';
import { ec2Answer, rulesPage } from '../support/scripted/ec2-answers.ts';
import { accepted, startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';
import { collect } from '../support/tools/collect.ts';
import { rejectionOf } from '../support/tools/thrown-by.ts';

const here = { account: ACCOUNT, region: REGION };

test('each place has credentials of its own, also if two accounts are asked in one region', async () => {
  await using endpoint = await startScriptedEndpoint(accepted);
  stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url });
  const asked: string[] = [];
  const connect = connector({
    credentialsFor:
      ({ account }) =>
      async () => {
        asked.push(account);
        return { accessKeyId: `AKIA${account}`, secretAccessKey: 'secret' };
      },
  });

  await madeAtOnce(connect(here).toRevokeGrant(strangersGrant));
  await madeAtOnce(
    connect({ account: STRANGER, region: REGION }).toRevokeGrant({ ...strangersGrant, account: STRANGER }),
  );
  await madeAtOnce(connect(here).toRevokeGrant(strangersGrant));

  expect(asked).toEqual([ACCOUNT, STRANGER]);
});

test('each place is asked in its own region', async () => {
  const endpoint = await startEndpoint();
  stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url, AWS_ENDPOINT_URL_EC2: endpoint.url });
  const connect = connector();

  await collect(connect(here).listGrants());
  await collect(connect({ ...here, region: OTHER_REGION }).listRules(['sg-0a']));

  expect(endpoint.calls.map(({ action, region }) => `${action} ${region}`)).toEqual([
    `DescribeCacheSecurityGroups ${REGION}`,
    `DescribeSecurityGroupRules ${OTHER_REGION}`,
  ]);
});

test('a revocation has credentials of its own, which look at nothing, and those to look revoke nothing', async () => {
  const rule = ruleWith();
  await using endpoint = await startScriptedEndpoint((action) =>
    action === 'RevokeSecurityGroupIngress' ? ec2Answer(action, '<return>true</return>') : rulesPage([]),
  );
  stubEnvironment({ AWS_ENDPOINT_URL_EC2: endpoint.url });
  const given: string[] = [];
  const provider = (name: string) => async () => {
    given.push(name);
    return { accessKeyId: name, secretAccessKey: 'secret' };
  };
  const connect = connector({
    credentialsFor: () => provider('AKIALOOKS'),
    revokingCredentialsFor: (place, target) =>
      provider(`${place.region} ${target.kind === 'securityGroup' ? target.securityGroupId : ''}`),
  });

  await collect(connect(here).listRules([rule.securityGroupId]));
  await madeAtOnce(connect(here).toRevokeRule(rule));
  await madeAtOnce(connect(here).toRevokeRule(rule));

  expect(given).toEqual(['AKIALOOKS', `${REGION} ${rule.securityGroupId}`, `${REGION} ${rule.securityGroupId}`]);
  expect(endpoint.actions).toEqual([
    'DescribeSecurityGroupRules',
    'RevokeSecurityGroupIngress',
    'RevokeSecurityGroupIngress',
  ]);
});

describe.each([
  ['a rule', (at: AwsAtPlace) => at.toRevokeRule(ruleWith())],
  ['a grant', (at: AwsAtPlace) => at.toRevokeGrant(strangersGrant)],
])('the revocation of %s in a member account', (_, prepare) => {
  const session = { accessKeyId: 'ASIA1', secretAccessKey: 'secret' };
  /** An AWS that takes any revocation, and what sessions are given by. */
  const start = async (provider: AwsCredentialIdentityProvider, patienceMs = 60_000) => {
    const endpoint = await startScriptedEndpoint((action) =>
      action === 'RevokeSecurityGroupIngress' ? ec2Answer(action, '<return>true</return>') : accepted,
    );
    onTestFinished(() => endpoint[Symbol.asyncDispose]());
    stubEnvironment({ AWS_ENDPOINT_URL: endpoint.url });
    const connect = connector({ revokingCredentialsFor: () => provider });
    return { endpoint, at: connect(here, { revokeBy: () => new Date(Date.now() + patienceMs) }) };
  };

  test('has its session before it is made, and leaves no connection open', async () => {
    let given = 0;
    const { endpoint, at } = await start(async () => {
      given++;
      return session;
    });

    const revocation = await prepare(at);
    const before = { given, actions: [...endpoint.actions] };
    const { result } = await revocation.revoke();
    revocation[Symbol.dispose]();

    expect(before).toEqual({ given: 1, actions: [] });
    expect({ result, given }).toEqual({ result: 'revoked', given: 1 });
    await expect.poll(() => endpoint.connections()).toBe(0);
  });

  test('cannot be prepared if its session is refused, for the same reason', async () => {
    const refused = new Error('the role could not be assumed');
    const { endpoint, at } = await start(() => Promise.reject(refused));

    expect(await rejectionOf(prepare(at))).toBe(refused);
    expect(endpoint.actions).toEqual([]);
  });

  test('cannot be prepared if its session is not given in its time', async () => {
    const { endpoint, at } = await start(() => new Promise(() => {}), 200);

    const error = await rejectionOf(prepare(at));

    // Then it is known that nothing was revoked: no call was made.
    expect(error).not.toBeInstanceOf(NoFinalAnswerError);
    expect((error as Error).message).toMatch(/^STS gave no session to revoke with within \d+ ms$/);
    expect(endpoint.actions).toEqual([]);
  });
});
