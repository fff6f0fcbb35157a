import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { elastiCacheClient } from '../../../src/aws/elasticache/client.ts';
import { revokeIngress } from '../../../src/aws/elasticache/revoke-ingress.ts';
import { NoFinalAnswerError } from '../../../src/aws/revocation.ts';
import { type ApiCall, type ApiEndpoint, startApiEndpoint } from '../../../src/local/api-endpoint.ts';
import { ACCOUNT, REGION, STRANGER, strangersGrant } from '../../support/examples/grants.ts';
import { administratorOf, credentials } from '../../support/local-aws/local-elasticache.ts';
import { ManualClock } from '../../support/time/manual-clock.ts';

const TRANSITION = 60_000;

let clock: ManualClock;
let endpoint: ApiEndpoint;
let administrator: ReturnType<typeof administratorOf>;
/** The calls of the revocation, in order, and what is done when one has ended. */
let calls: ApiCall[];
let afterCall: (call: ApiCall) => void;

beforeEach(async () => {
  clock = new ManualClock();
  calls = [];
  afterCall = () => {};
  endpoint = await startApiEndpoint(
    { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: TRANSITION },
    clock,
    (call) => {
      calls.push(call);
      afterCall(call);
    },
  );
  administrator = administratorOf(endpoint.url);
});
afterEach(() => endpoint.close());

async function authorizeAndSettle(): Promise<void> {
  await administrator.create();
  await administrator.authorize('web', STRANGER);
  clock.advance(TRANSITION);
}

function revoke(patienceMs = 600_000) {
  const client = elastiCacheClient({ endpoint: endpoint.url, credentials, region: REGION });
  calls = [];
  return revokeIngress(client, strangersGrant, new Date(Date.now() + patienceMs));
}

const summary = () => calls.map(({ action, error }) => `${action}: ${error?.code ?? 'accepted'}`);
const REVOKE = 'RevokeCacheSecurityGroupIngress';
const DESCRIBE = 'DescribeCacheSecurityGroups';

describe('a grant that stands', () => {
  test('is revoked with one call, whose request id is told', async () => {
    await authorizeAndSettle();

    const revocation = await revoke();

    expect(summary()).toEqual([`${REVOKE}: accepted`]);
    expect(revocation).toEqual({ result: 'revoked', requestId: calls[0]?.requestId });
    expect(await administrator.grants()).toEqual([`web of ${STRANGER}: revoking`]);
  });

  test('is revoked alone: another owner’s grant to the same name stays', async () => {
    await authorizeAndSettle();
    await administrator.authorize('web', ACCOUNT);
    clock.advance(TRANSITION);

    await revoke();
    clock.advance(TRANSITION);

    expect(await administrator.grants()).toEqual([`web of ${ACCOUNT}: authorized`]);
  });
});

describe('a grant that does not stand any more', () => {
  test('is already gone when ElastiCache answers AuthorizationNotFound', async () => {
    await administrator.create();

    const revocation = await revoke();

    expect(summary()).toEqual([`${REVOKE}: AuthorizationNotFound`]);
    expect(revocation).toEqual({ result: 'already-gone', requestId: calls[0]?.requestId });
  });

  test('is already gone when ElastiCache answers CacheSecurityGroupNotFound', async () => {
    const revocation = await revoke();

    expect(summary()).toEqual([`${REVOKE}: CacheSecurityGroupNotFound`]);
    expect(revocation.result).toBe('already-gone');
  });

  test('is already gone when somebody else is revoking it', async () => {
    await authorizeAndSettle();
    await administrator.revoke('web', STRANGER);

    const revocation = await revoke();

    expect(summary()).toEqual([`${REVOKE}: InvalidCacheSecurityGroupState`, `${DESCRIBE}: accepted`]);
    expect(revocation.result).toBe('already-gone');
  });
});

describe('a cache security group that is being changed', () => {
  test('is waited for while the grant is authorizing, and then the grant is revoked', async () => {
    await administrator.create();
    await administrator.authorize('web', STRANGER);
    afterCall = ({ action }) => {
      if (action === DESCRIBE) clock.advance(TRANSITION);
    };

    const revocation = await revoke();

    expect(summary()).toEqual([
      `${REVOKE}: InvalidCacheSecurityGroupState`,
      `${DESCRIBE}: accepted`,
      `${REVOKE}: accepted`,
    ]);
    expect(revocation).toEqual({ result: 'revoked', requestId: calls[2]?.requestId });
  });

  test('may be deleted meanwhile: the grant is already gone', async () => {
    await administrator.create();
    await administrator.authorize('web', STRANGER);
    let deleted: Promise<unknown> | undefined;
    afterCall = ({ action }) => {
      if (action === DESCRIBE) deleted ??= administrator.delete();
    };

    const revocation = await revoke();

    await deleted;
    expect(summary()[0]).toBe(`${REVOKE}: InvalidCacheSecurityGroupState`);
    expect(revocation.result).toBe('already-gone');
  });

  test('makes it time out with a clear error when it stays so past the deadline', async () => {
    await administrator.create();
    await administrator.authorize('web', STRANGER);

    const revocation = revoke(3_000);

    await expect(revocation).rejects.toThrow(NoFinalAnswerError);
    await expect(revocation).rejects.toThrow(/still answered InvalidCacheSecurityGroupState after \d+ ms/);
    expect(await administrator.grants()).toEqual([`web of ${STRANGER}: authorizing`]);
  });
});

describe('the deadline', () => {
  test.each([
    ['has passed already', -1_000],
    ['is nearer than the shortest wait', 100],
  ])('makes it time out and say so when it %s', async (_, patienceMs) => {
    await administrator.create();
    await administrator.authorize('web', STRANGER);

    const revocation = revoke(patienceMs);

    await expect(revocation).rejects.toThrow(NoFinalAnswerError);
  });
});
