import { beforeEach, describe, expect, test, vi } from 'vitest';
import { auditConnector } from '../../src/aws/audit-connector.ts';
import { ec2Client } from '../../src/aws/ec2/client.ts';
import { revokeSecurityGroupRule } from '../../src/aws/ec2/revoke-rule.ts';
import { elastiCacheClient } from '../../src/aws/elasticache/client.ts';
import { revokeIngress } from '../../src/aws/elasticache/revoke-ingress.ts';
import { NoFinalAnswerError } from '../../src/aws/revocation.ts';
import { ACCOUNT, REGION, strangersGrant } from '../support/examples/grants.ts';
import { madeAtOnce } from '../support/examples/to-revoke.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { ec2Answer, ec2Error } from '../support/scripted/ec2-answers.ts';
import {
  type Answer,
  accepted,
  busy,
  described,
  error,
  type ScriptedEndpoint,
  startScriptedEndpoint,
} from '../support/scripted/scripted-endpoint.ts';

const RULE = { securityGroupId: 'sg-0a', securityGroupRuleId: 'sgr-01' };
const configOf = (url: string) => ({ endpoint: url, credentials, region: REGION });

/** Makes a call and waits for its answer, so that what was sent before has come as well; gives the revocations' calls. */
async function arrivedAt({ url, actions }: ScriptedEndpoint): Promise<string[]> {
  await fetch(url, { method: 'POST', body: 'Action=Last' });
  return actions.filter((action) => action !== 'Last');
}

/**
 * Freezes this process soon after an answer was sent, as Lambda does when the time of an invocation is over: no timer fires, but
 * the wall clock goes on. The client waits for its next try then: no wait of it is as short.
 */
function freezeAfter(answer: Answer, ms: number): () => Answer {
  return () => {
    setTimeout(freeze, 20, ms);
    return answer;
  };
}

function freeze(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

beforeEach(() => {
  // The waits between tries are drawn by it.
  const random = vi.spyOn(Math, 'random').mockReturnValue(0.9);
  return () => random.mockRestore();
});

describe.each([
  {
    whose: 'a cache security group',
    revoke: (url: string, deadline: Date) => revokeIngress(elastiCacheClient(configOf(url)), strangersGrant, deadline),
    call: 'RevokeCacheSecurityGroupIngress',
    throttled: error(400, 'Throttling'),
    revoked: accepted,
  },
  {
    whose: 'a security group',
    revoke: (url: string, deadline: Date) => revokeSecurityGroupRule(ec2Client(configOf(url)), RULE, deadline),
    call: 'RevokeSecurityGroupIngress',
    throttled: ec2Error(503, 'RequestLimitExceeded'),
    revoked: ec2Answer('RevokeSecurityGroupIngress', '<return>true</return>'),
  },
])('a revocation of $whose', ({ revoke, call, throttled, revoked }) => {
  test('that was frozen between two tries sends nothing once it is thawed after its deadline', async () => {
    await using endpoint = await startScriptedEndpoint(freezeAfter(throttled, 2_500), revoked);

    const revocation = revoke(endpoint.url, new Date(Date.now() + 2_000));

    await expect(revocation).rejects.toThrow(NoFinalAnswerError);
    expect(await arrivedAt(endpoint)).toEqual([call]);
  });

  test('that begins after its deadline sends nothing', async () => {
    await using endpoint = await startScriptedEndpoint(revoked);

    await expect(revoke(endpoint.url, new Date(Date.now() - 1))).rejects.toThrow(NoFinalAnswerError);
    expect(await arrivedAt(endpoint)).toEqual([]);
  });
});

test('a revocation that waits while the cache security group is changed sends nothing once it is thawed', async () => {
  await using endpoint = await startScriptedEndpoint(busy, freezeAfter(described('authorized'), 2_500), accepted);
  const client = elastiCacheClient(configOf(endpoint.url));

  const revocation = revokeIngress(client, strangersGrant, new Date(Date.now() + 2_000));

  await expect(revocation).rejects.toThrow(NoFinalAnswerError);
  expect(await arrivedAt(endpoint)).toEqual(['RevokeCacheSecurityGroupIngress', 'DescribeCacheSecurityGroups']);
});

test('a revocation that waits for its turn sends nothing once it is thawed after its deadline', async () => {
  await using endpoint = await startScriptedEndpoint(accepted);
  stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url });
  using aws = auditConnector({ requestsPerSecond: 1, deadline: new Date(Date.now() + 2_000) });
  const at = aws.connect({ account: ACCOUNT, region: REGION });
  await madeAtOnce(at.toRevokeGrant(strangersGrant));

  const next = madeAtOnce(at.toRevokeGrant(strangersGrant));
  setTimeout(freeze, 100, 2_500);

  await expect(next).rejects.toThrow(NoFinalAnswerError);
  expect(await arrivedAt(endpoint)).toEqual(['RevokeCacheSecurityGroupIngress']);
});
