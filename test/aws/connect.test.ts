import { expect, test } from 'vitest';
import { connector } from '../../src/aws/connect.ts';
import { ACCOUNT, REGION, STRANGER, strangersGrant } from '../support/examples/grants.ts';
import { ruleWith } from '../support/examples/security-groups.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { OTHER_REGION, startEndpoint } from '../support/local-aws/local-endpoint.ts';
import { ec2Answer, rulesPage } from '../support/scripted/ec2-answers.ts';
import { accepted, startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';
import { collect } from '../support/tools/collect.ts';

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

  await connect(here).revokeGrant(strangersGrant);
  await connect({ account: STRANGER, region: REGION }).revokeGrant({ ...strangersGrant, account: STRANGER });
  await connect(here).revokeGrant(strangersGrant);

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
  await connect(here).revokeRule(rule);
  await connect(here).revokeRule(rule);

  expect(given).toEqual(['AKIALOOKS', `${REGION} ${rule.securityGroupId}`, `${REGION} ${rule.securityGroupId}`]);
  expect(endpoint.actions).toEqual([
    'DescribeSecurityGroupRules',
    'RevokeSecurityGroupIngress',
    'RevokeSecurityGroupIngress',
  ]);
});
