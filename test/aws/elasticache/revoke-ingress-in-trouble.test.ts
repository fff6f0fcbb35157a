import { describe, expect, test } from 'vitest';
import { elastiCacheClient } from '../../../src/aws/elasticache/client.ts';
import { revokeIngress } from '../../../src/aws/elasticache/revoke-ingress.ts';
import { NoFinalAnswerError } from '../../../src/aws/revocation.ts';
import { REGION, strangersGrant } from '../../support/examples/grants.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import {
  accepted,
  busy,
  described,
  error,
  noEc2Classic,
  type ScriptedEndpoint,
  startScriptedEndpoint,
} from '../../support/scripted/scripted-endpoint.ts';
import { holdTime } from '../../support/time/held-time.ts';

const REVOKE = 'RevokeCacheSecurityGroupIngress';
const DESCRIBE = 'DescribeCacheSecurityGroups';

function revoke({ url }: ScriptedEndpoint, patienceMs = 600_000) {
  const client = elastiCacheClient({ endpoint: url, credentials, region: REGION });
  return revokeIngress(client, strangersGrant, new Date(Date.now() + patienceMs));
}

describe('a call that is tried again', () => {
  test('is accepted after it was throttled twice', async () => {
    await using endpoint = await startScriptedEndpoint(error(400, 'Throttling'), error(400, 'Throttling'), accepted);

    const revocation = await revoke(endpoint);

    expect(revocation.result).toBe('revoked');
    expect(endpoint.actions).toEqual([REVOKE, REVOKE, REVOKE]);
  });

  test.each([
    ['500 InternalFailure', error(500, 'InternalFailure')],
    ['503 ServiceUnavailable', error(503, 'ServiceUnavailable')],
    ['a cut connection', 'cut' as const],
  ])('is accepted after %s', async (_, trouble) => {
    await using endpoint = await startScriptedEndpoint(trouble, accepted);

    const revocation = await revoke(endpoint);

    expect(revocation.result).toBe('revoked');
    expect(endpoint.actions).toEqual([REVOKE, REVOKE]);
  });

  test('is accepted after an answer that began and did not go on', async () => {
    await using endpoint = await startScriptedEndpoint('half', accepted);

    const revocation = await revoke(endpoint, 20_000);

    expect(revocation.result).toBe('revoked');
    expect(endpoint.actions).toEqual([REVOKE, REVOKE]);
  });

  test('is already gone when the first try did revoke, and only its answer was lost', async () => {
    await using endpoint = await startScriptedEndpoint('cut', busy, described('revoking'));

    const revocation = await revoke(endpoint);

    expect(revocation.result).toBe('already-gone');
    expect(endpoint.actions).toEqual([REVOKE, REVOKE, DESCRIBE]);
  });
});

describe('a call that cannot succeed', () => {
  test('throws what AWS answered when that is 503 for ever', async () => {
    await using endpoint = await startScriptedEndpoint(error(503, 'ServiceUnavailable', 'Please try again later.'));

    const revocation = revoke(endpoint);

    await expect(revocation).rejects.toMatchObject({ name: 'ServiceUnavailable', message: 'Please try again later.' });
    expect(endpoint.actions).toHaveLength(6);
  });

  test('says that there is no final answer when every connection is cut: it may be revoked', async () => {
    await using endpoint = await startScriptedEndpoint('cut');

    const why = /^ElastiCache gave no final answer: no connection to .* \(ECONNRESET\): check the network/;
    await expect(revoke(endpoint)).rejects.toMatchObject({
      name: 'NoFinalAnswerError',
      message: expect.stringMatching(why),
      cause: { code: 'ECONNRESET' },
    });
  });

  test('says that there is no final answer when a try was cut, and the next was refused', async () => {
    await using endpoint = await startScriptedEndpoint('cut', error(403, 'AccessDenied', 'Not any more.'));

    await expect(revoke(endpoint)).rejects.toThrow('ElastiCache gave no final answer: Not any more.');
  });

  test.each([
    ['by the page of a proxy', { status: 200, xml: '<html><body>Sign in</body></html>' }],
    ['by a gateway that waited in vain', { status: 504, xml: '<html><body>Gateway Timeout</body></html>' }],
    ['with an empty body', { status: 200, xml: '' }],
    ['in something that is no HTTP', 'no-http' as const],
    ['with an error amid the call', error(500, 'InternalFailure', 'Something broke.')],
    ['by a gateway in the words of AWS', error(504, 'GatewayTimeout', 'Nothing came.')],
  ])('says that there is no final answer when a try was answered %s, and the next was refused', async (_, first) => {
    await using endpoint = await startScriptedEndpoint(first, error(403, 'AccessDenied', 'Not any more.'));

    await expect(revoke(endpoint)).rejects.toThrow(/^ElastiCache gave no final answer: /);
  });

  test('throws what AWS answered when a call was not taken, and the next was refused', async () => {
    const refused = error(403, 'AccessDenied', 'Not any more.');
    await using endpoint = await startScriptedEndpoint(error(503, 'ServiceUnavailable'), refused);

    await expect(revoke(endpoint)).rejects.toMatchObject({ name: 'AccessDenied', message: 'Not any more.' });
  });

  test('times out with a clear error when nothing is ever answered', async () => {
    await using endpoint = await startScriptedEndpoint('silence');

    const time = holdTime();
    const revocation = Promise.allSettled([revoke(endpoint, 500)]);
    await expect.poll(() => endpoint.actions).toEqual([REVOKE]);

    await time.pass(500);

    const error = new NoFinalAnswerError('ElastiCache gave no final answer within 500 ms');
    expect(await revocation).toEqual([{ status: 'rejected', reason: error }]);
    // Nor is it revoked later, behind the back of whoever was told that it was not.
    await expect.poll(endpoint.abandoned).toBe(1);
    expect(endpoint.actions).toEqual([REVOKE]);
  });

  test('throws when the rights are missing, after one call', async () => {
    await using endpoint = await startScriptedEndpoint(error(403, 'AccessDenied', 'You are not allowed to.'));

    await expect(revoke(endpoint)).rejects.toThrow('You are not allowed to.');
    expect(endpoint.actions).toEqual([REVOKE]);
  });

  test('throws when the group is busy and the state of the grant cannot be told', async () => {
    await using endpoint = await startScriptedEndpoint(busy, error(403, 'AccessDenied', 'No Describe for you.'));

    await expect(revoke(endpoint)).rejects.toThrow('No Describe for you.');
  });
});

describe('InvalidParameterValue', () => {
  test('is not applicable where the account has no EC2-Classic', async () => {
    await using endpoint = await startScriptedEndpoint(noEc2Classic);

    const revocation = await revoke(endpoint);

    expect(revocation.result).toBe('not-applicable');
    expect(endpoint.actions).toEqual([REVOKE]);
  });

  test('throws where it is a plain bad argument', async () => {
    await using endpoint = await startScriptedEndpoint(
      error(400, 'InvalidParameterValue', 'Invalid value for EC2SecurityGroupName.'),
    );

    await expect(revoke(endpoint)).rejects.toThrow('Invalid value for EC2SecurityGroupName.');
  });
});

describe('a cache security group that is being changed', () => {
  test('was deleted when Describe does not find it: the grant is already gone', async () => {
    await using endpoint = await startScriptedEndpoint(busy, error(404, 'CacheSecurityGroupNotFound'));

    const revocation = await revoke(endpoint);

    expect(revocation.result).toBe('already-gone');
    expect(endpoint.actions).toEqual([REVOKE, DESCRIBE]);
  });

  test('is tried again when the grant stands, and something else is what changes', async () => {
    await using endpoint = await startScriptedEndpoint(busy, described('authorized'), accepted);

    const revocation = await revoke(endpoint);

    expect(revocation.result).toBe('revoked');
    expect(endpoint.actions).toEqual([REVOKE, DESCRIBE, REVOKE]);
  });
});
