import { STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test, vi } from 'vitest';
import { type HowToAssume, MemberSessionError, memberSessions } from '../../../src/aws/sts/member-sessions.ts';
import { ACCOUNT, REGION, STRANGER } from '../../support/examples/grants.ts';
import { accountNumber } from '../../support/examples/organization.ts';
import { stubEnvironment } from '../../support/functions/aws-environment.ts';
import { type Answer, startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';
import { assumedRole, stsError } from '../../support/scripted/sts-answers.ts';
import { eventually } from '../../support/time/eventually.ts';
import { rejectionOf } from '../../support/tools/thrown-by.ts';

const START = Date.parse('2026-11-23T12:00:00Z');
const SESSION_MS = 900_000;

/** An STS of 15-minute sessions, on a clock that the test moves. */
async function startSts(how: Partial<HowToAssume> = {}, ...first: readonly Answer[]) {
  let time = START;
  let issued = 0;
  const endpoint = await startScriptedEndpoint(...first.map((answer) => answer), () => {
    issued++;
    return assumedRole(`ASIA${issued}`, new Date(time + SESSION_MS));
  });
  stubEnvironment({ AWS_ENDPOINT_URL_STS: endpoint.url });
  const sessions = memberSessions({
    region: REGION,
    readRole: 'ingress-guard-read',
    revokeRole: 'ingress-guard-revoke',
    purpose: () => 'run-1',
    now: () => new Date(time),
    ...how,
  });
  return {
    sessions,
    requests: endpoint.requests,
    pass: (ms: number) => {
      time += ms;
    },
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  };
}

describe('a session to look with', () => {
  test('is had by one call, however many ask at once and later', async () => {
    await using sts = await startSts();

    const asked = await Promise.all(Array.from({ length: 17 }, () => sts.sessions.read(ACCOUNT)()));
    const later = await sts.sessions.read(ACCOUNT)();

    expect(new Set([...asked, later].map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(['ASIA1']));
    expect(sts.requests.map((request) => Object.fromEntries(request))).toEqual([
      {
        Action: 'AssumeRole',
        Version: '2011-06-15',
        RoleArn: `arn:aws:iam::${ACCOUNT}:role/ingress-guard-read`,
        RoleSessionName: 'ingress-guard-run-1',
        DurationSeconds: '900',
      },
    ]);
  });

  test('is never given for another account', async () => {
    await using sts = await startSts();

    const one = await sts.sessions.read(ACCOUNT)();
    const other = await sts.sessions.read(STRANGER)();

    expect(one.accessKeyId).not.toBe(other.accessKeyId);
    expect(sts.requests.map((request) => request.get('RoleArn'))).toEqual([
      `arn:aws:iam::${ACCOUNT}:role/ingress-guard-read`,
      `arn:aws:iam::${STRANGER}:role/ingress-guard-read`,
    ]);
  });

  test('is refused if STS says that it is of another account, and is asked for again', async () => {
    const expiration = new Date(START + SESSION_MS);
    await using sts = await startSts(
      {},
      assumedRole('ASIAother', expiration, STRANGER),
      assumedRole('ASIAown', expiration, ACCOUNT),
    );

    const error = await rejectionOf(sts.sessions.read(ACCOUNT)());
    const own = await sts.sessions.read(ACCOUNT)();

    expect(error).toMatchObject({ name: 'MemberSessionError', why: 'error' });
    expect((error as Error).message).toContain(`STS gave credentials of account ${STRANGER}`);
    expect(own.accessKeyId).toBe('ASIAown');
  });

  test('is asked for until the time is up, and no longer', async () => {
    const asked = Promise.withResolvers<void>();
    await using endpoint = await startScriptedEndpoint(() => {
      asked.resolve();
      return 'silence';
    });
    stubEnvironment({ AWS_ENDPOINT_URL_STS: endpoint.url });
    const time = new AbortController();
    const how = { region: REGION, readRole: 'ingress-guard-read', purpose: () => 'run-1', timeUp: time.signal };

    const session = rejectionOf(memberSessions(how).read(ACCOUNT)());
    await asked.promise;
    time.abort();

    expect(await session).toMatchObject({
      why: 'no-time-left',
      message: `role ingress-guard-read of account ${ACCOUNT} could not be assumed: the call was ended before it was answered`,
    });
    expect(endpoint.actions).toEqual(['AssumeRole']);
    await eventually(() => endpoint.abandoned()).toBe(1);
  });

  test('is asked for at the endpoint of its region', async () => {
    const hosts: string[] = [];
    vi.spyOn(STSClient.prototype, 'send').mockImplementation(async function (this: STSClient) {
      const { endpointProvider, region, useGlobalEndpoint = false } = this.config;
      const parameters = { Region: await region(), UseGlobalEndpoint: Boolean(useGlobalEndpoint) };
      hosts.push(endpointProvider(parameters).url.hostname);
      return {};
    });
    const settings = { readRole: 'ingress-guard-read', purpose: () => 'run-1' };

    await rejectionOf(memberSessions({ region: 'ap-south-2', ...settings }).read(ACCOUNT)());
    await rejectionOf(memberSessions({ region: 'us-east-1', ...settings }).read(ACCOUNT)());

    expect(hosts).toEqual(['sts.ap-south-2.amazonaws.com', 'sts.us-east-1.amazonaws.com']);
  });

  test('is renewed a minute before it ends, and not earlier', async () => {
    await using sts = await startSts();
    await sts.sessions.read(ACCOUNT)();

    sts.pass(SESSION_MS - 60_001);
    const kept = await sts.sessions.read(ACCOUNT)();
    sts.pass(1);
    const renewed = await sts.sessions.read(ACCOUNT)();

    expect([kept.accessKeyId, renewed.accessKeyId]).toEqual(['ASIA1', 'ASIA2']);
    expect(renewed.expiration).toEqual(new Date(START + 2 * SESSION_MS - 60_000));
  });

  test('is asked for again after it was refused', async () => {
    await using sts = await startSts({}, stsError(403, 'AccessDenied'));

    await rejectionOf(sts.sessions.read(ACCOUNT)());
    const second = await sts.sessions.read(ACCOUNT)();

    expect(second.accessKeyId).toBe('ASIA1');
    expect(sts.requests).toHaveLength(2);
  });

  test('is kept for the 100 accounts that were used last', async () => {
    await using sts = await startSts();
    for (let n = 0; n < 100; n++) await sts.sessions.read(accountNumber(n))();
    await sts.sessions.read(accountNumber(0))();

    await sts.sessions.read(accountNumber(100))();
    const before = sts.requests.length;
    await sts.sessions.read(accountNumber(0))();
    await sts.sessions.read(accountNumber(1))();

    expect(sts.requests.slice(before).map((request) => request.get('RoleArn'))).toEqual([
      `arn:aws:iam::${accountNumber(1)}:role/ingress-guard-read`,
    ]);
  });

  test('has a name that STS takes, whatever it is for', async () => {
    await using sts = await startSts({ purpose: () => `a b/c\n${'x'.repeat(100)}` });

    await sts.sessions.read(ACCOUNT)();

    expect(sts.requests[0]?.get('RoleSessionName')).toBe(`ingress-guard-a-b-c-${'x'.repeat(44)}`);
  });

  test('is a role of the partition of its region', async () => {
    await using sts = await startSts({ region: 'us-gov-west-1' });

    await sts.sessions.read(ACCOUNT)();

    expect(sts.requests[0]?.get('RoleArn')).toBe(`arn:aws-us-gov:iam::${ACCOUNT}:role/ingress-guard-read`);
  });

  test.each<[string, Answer, string]>([
    [
      'member-role-missing',
      stsError(
        403,
        'AccessDenied',
        'User: arn:aws:sts::1:assumed-role/judge is not authorized to perform: sts:AssumeRole',
      ),
      'the role is not there, or does not trust the hub',
    ],
    [
      'denied-by-service-control-policy',
      stsError(403, 'AccessDenied', 'not authorized to perform it with an explicit deny in a service control policy'),
      'a service control policy',
    ],
    [
      'access-denied',
      stsError(403, 'AccessDenied', 'not authorized because no identity-based policy allows the sts:AssumeRole action'),
      'the hub itself may not',
    ],
    ['error', stsError(403, 'RegionDisabledException', 'STS is not activated in this region'), 'anything else'],
  ])('says why it could not be had: %s', async (why, answer) => {
    await using sts = await startSts({}, answer);

    const error = await rejectionOf(sts.sessions.read(ACCOUNT)());

    expect(error).toBeInstanceOf(MemberSessionError);
    expect(error).toMatchObject({ why });
    expect((error as Error).message).toMatch(
      new RegExp(`^role ingress-guard-read of account ${ACCOUNT} could not be assumed: `),
    );
    expect(sts.requests).toHaveLength(1);
  });
});

describe('a session to revoke with', () => {
  const place = { account: ACCOUNT, region: REGION };
  const target = { kind: 'securityGroup', securityGroupId: 'sg-0123456789abcdef0' } as const;

  test('is fresh each time, and may change one security group in one region', async () => {
    await using sts = await startSts();

    const one = await sts.sessions.revoke(place, target)();
    const other = await sts.sessions.revoke(place, target)();

    expect([one.accessKeyId, other.accessKeyId]).toEqual(['ASIA1', 'ASIA2']);
    const [request] = sts.requests;
    const policy = request?.get('Policy') ?? '';
    expect(request?.get('RoleArn')).toBe(`arn:aws:iam::${ACCOUNT}:role/ingress-guard-revoke`);
    expect(JSON.parse(policy)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['ec2:RevokeSecurityGroupIngress'],
          Resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:security-group/sg-0123456789abcdef0`,
          Condition: { StringEquals: { 'aws:RequestedRegion': REGION } },
        },
      ],
    });
    expect(policy.length).toBeLessThanOrEqual(2048);
  });

  test('may revoke grants of cache security groups, in one region, and nothing of EC2', async () => {
    await using sts = await startSts();

    await sts.sessions.revoke(place, { kind: 'cacheSecurityGroup' })();

    expect(JSON.parse(sts.requests[0]?.get('Policy') ?? '').Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['elasticache:RevokeCacheSecurityGroupIngress', 'elasticache:DescribeCacheSecurityGroups'],
        Resource: '*',
        Condition: { StringEquals: { 'aws:RequestedRegion': REGION } },
      },
    ]);
  });

  test('is not to be had where no role may revoke', async () => {
    await using sts = await startSts({ revokeRole: undefined });

    const error = await rejectionOf(sts.sessions.revoke(place, target)());

    expect((error as Error).message).toBe('no role that may revoke is set up: the stack is in mode report-only');
    expect(sts.requests).toEqual([]);
  });
});
