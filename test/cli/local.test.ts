import { rm } from 'node:fs/promises';
import { ListAccountsCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type RunningCommand, startCommand } from '../support/commands/run-command.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { authorize, createGroup, ec2ClientFor, ingressOf, tcp } from '../support/local-aws/local-ec2.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { send, toRequest } from '../support/local-aws/local-endpoint.ts';
import { type Answer, expectError, expectSuccess } from '../support/scripted/answers.ts';
import { eventually } from '../support/time/eventually.ts';
import { openSocket } from '../support/wire/raw-socket.ts';
import { type SignedAs, signInHeaders } from '../support/wire/sign.ts';

const ACCOUNT = '123456789012';
const STRANGER = '999988887777';
const NAME = { CacheSecurityGroupName: 'sessions' };
const DESCRIBE = 'DescribeCacheSecurityGroups';
const CREATE = 'CreateCacheSecurityGroup';
const AUTHORIZE = 'AuthorizeCacheSecurityGroupIngress';

interface Running extends RunningCommand {
  readonly url: string;
  call(action: string, parameters?: Record<string, string>, as?: SignedAs): Promise<Answer>;
}

/** Starts `ingress-guard local` and waits until it is ready. */
async function startLocal(...options: readonly string[]): Promise<Running> {
  const command = startCommand(['local', '--port', '0', ...options], {
    INGRESS_GUARD_ALLOWLIST: await allowlistFile(),
  });
  await eventually(command.stdout).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+\n$/);
  const url = command.stdout().trim().replace('ready ', '');
  const call: Running['call'] = async (action, parameters, as) =>
    send(url, await signInHeaders(url, toRequest(action, parameters), as));
  return { ...command, url, call };
}

/** The live lines: without the time, without what a person is told at the start. */
function live({ stderr }: RunningCommand): string[] {
  const lines = stderr().matchAll(/^\d\d:\d\d:\d\d\.\d{3} (.*)$/gm);
  return [...lines].map(([, line]) => line as string);
}

async function grant(local: Running, owner: string): Promise<void> {
  const parameters = { ...NAME, EC2SecurityGroupName: 'web', EC2SecurityGroupOwnerId: owner };
  expectSuccess(await local.call(AUTHORIZE, parameters), AUTHORIZE);
}

async function createSessions({ call }: Running): Promise<void> {
  expectSuccess(await call(CREATE, { ...NAME, Description: 'Sessions' }), CREATE);
}

describe('ingress-guard local', () => {
  test('says where it is ready, and for a person what to try', async () => {
    const local = await startLocal();

    expectSuccess(await local.call(DESCRIBE), DESCRIBE);
    const told = local.stderr();
    expect(told).toContain(`  export AWS_ENDPOINT_URL=${local.url}\n`);
    expect(told).toContain('aws elasticache create-cache-cluster --cache-cluster-id sessions');
    expect(told).toContain('aws ec2 authorize-security-group-ingress');
    expect(told).toContain('report-only');
  });

  test('tells of each call, event and outcome, a line each', async () => {
    const local = await startLocal('--mode', 'enforce', '--transition-ms', '50');
    await createSessions(local);

    await grant(local, STRANGER);

    await eventually(() => live(local)).toContain(`event    aws.elasticache RevokeCacheSecurityGroupIngress`);
    const revoked = /^outcome {2}enforceIngress: revoked: /;
    await eventually(() => live(local)).toContainEqual(expect.stringMatching(revoked));
    expect(live(local)).toEqual(
      expect.arrayContaining([
        'call     CreateCacheSecurityGroup sessions -> done',
        'event    aws.elasticache CreateCacheSecurityGroup',
        `call     AuthorizeCacheSecurityGroupIngress sessions <- web of ${STRANGER} -> done`,
        'event    aws.elasticache AuthorizeCacheSecurityGroupIngress',
        `call     RevokeCacheSecurityGroupIngress sessions <- web of ${STRANGER} -> done`,
      ]),
    );
    expect(local.stdout()).toBe(`ready ${local.url}\n`);
  });

  test('reports only, if not told to enforce', async () => {
    const local = await startLocal();
    await createSessions(local);

    await grant(local, STRANGER);
    await grant(local, ACCOUNT);

    const outcomes = () => live(local).filter((line) => line.startsWith('outcome'));
    await eventually(() => outcomes().sort()).toEqual([
      'outcome  enforceIngress: allowed: rule web-to-sessions',
      expect.stringMatching(/^outcome {2}enforceIngress: would-revoke: /),
    ]);
  });

  test('tells of a call that failed, and why, in one line whatever the caller wrote', async () => {
    const local = await startLocal('--no-enforcer');

    await local.call(AUTHORIZE, {
      ...NAME,
      EC2SecurityGroupName: 'a\n12:00:00.000 call forged',
      EC2SecurityGroupOwnerId: STRANGER,
    });

    await eventually(() => live(local)).toHaveLength(2);
    expect(live(local)[0]).toMatch(/^call {5}AuthorizeCacheSecurityGroupIngress sessions .*InvalidParameterValue: /);
    expect(live(local)[1]).toBe('event    aws.elasticache AuthorizeCacheSecurityGroupIngress (InvalidParameterValue)');
  });

  test('is EC2 at the same endpoint, with the quota and the lag it was told', async () => {
    const local = await startLocal('--no-enforcer', '--security-group-rules', '2', '--describe-lag-ms', '3600000');
    const ec2 = ec2ClientFor(local.url);
    const groupId = await createGroup(ec2);
    const permission = (...cidrs: readonly string[]) => tcp(6379, { IpRanges: cidrs.map((CidrIp) => ({ CidrIp })) });

    await authorize(ec2, groupId, permission('192.0.2.0/24', '10.0.0.0/8'));
    const third = authorize(ec2, groupId, permission('0.0.0.0/0'));

    await expect(third).rejects.toMatchObject({ name: 'RulesPerSecurityGroupLimitExceeded' });
    expect(await ingressOf(ec2, groupId)).toEqual([]);
    await eventually(() => live(local)).toEqual(
      expect.arrayContaining([
        'call     CreateSecurityGroup Of the shop caches -> done',
        `call     AuthorizeSecurityGroupIngress ${groupId} tcp 6379 6379 192.0.2.0/24 10.0.0.0/8 -> done`,
        'event    aws.ec2 AuthorizeSecurityGroupIngress',
        'event    aws.ec2 AuthorizeSecurityGroupIngress (Client.RulesPerSecurityGroupLimitExceeded)',
      ]),
    );
  });

  test('is the endpoint alone with --no-enforcer, which needs no allowlist', async () => {
    const local = await startLocal('--no-enforcer', '--allowlist', 'nowhere.yaml');
    await createSessions(local);

    await grant(local, STRANGER);

    expect(local.stderr()).toContain('Without Ingress Guard');
    await eventually(() => live(local)).toHaveLength(4);
    expect(live(local).filter((line) => line.startsWith('outcome'))).toEqual([]);
  });

  test('ends with 0 at Ctrl-C, and listens no more', async () => {
    const local = await startLocal();
    await createSessions(local);

    local.interrupt();

    expect(await local.exitCode).toBe(0);
    await expect(openSocket(local.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('ends with 0 when Ctrl-C came before it was ready', async () => {
    const command = startCommand(['local', '--port', '0', '--no-enforcer']);

    command.interrupt();

    expect(await command.exitCode).toBe(0);
  });

  test('listens on loopback only', async () => {
    const { url } = await startLocal('--no-enforcer');

    // All of 127.0.0.0/8 is this machine: what listens on every address answers here.
    const elsewhere = send(url.replace('127.0.0.1', '127.0.0.2'), toRequest(DESCRIBE));

    await expect(elsewhere).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('an option of ingress-guard local', () => {
  test('--region: each has cache security groups of its own', async () => {
    const { call } = await startLocal('--no-enforcer', '--region', 'eu-west-1', 'eu-west-3');

    await call(CREATE, { ...NAME, Description: 'a' }, { region: 'eu-west-1' });

    expectSuccess(await call(DESCRIBE, NAME, { region: 'eu-west-1' }), DESCRIBE);
    expectError(await call(DESCRIBE, NAME, { region: 'eu-west-3' }), 404, 'CacheSecurityGroupNotFound');
    expectError(await call(DESCRIBE), 403, 'SignatureDoesNotMatch');
  });

  test('--account: with or without hyphens', async () => {
    const { call } = await startLocal('--no-enforcer', '--account', '0000-1111-2222');

    const result = expectSuccess(await call(DESCRIBE), DESCRIBE);

    expect(result).toMatchObject({ CacheSecurityGroups: [{ OwnerId: '000011112222' }] });
  });

  test('--access-key-id and --secret-access-key: no others are good, and the enforcer has them too', async () => {
    const as = { accessKeyId: 'me', secretAccessKey: 'mine' };
    const keys = ['--access-key-id', 'me', '--secret-access-key', 'mine'];
    const local = await startLocal(...keys, '--mode', 'enforce', '--transition-ms', '0');

    expectError(await local.call(DESCRIBE), 403, 'InvalidClientTokenId');
    expectError(await local.call(DESCRIBE, {}, { ...as, secretAccessKey: 'test' }), 403, 'SignatureDoesNotMatch');
    await local.call(CREATE, { ...NAME, Description: 'a' }, as);
    await local.call(AUTHORIZE, { ...NAME, EC2SecurityGroupName: 'web', EC2SecurityGroupOwnerId: STRANGER }, as);

    await eventually(() => live(local)).toContainEqual(expect.stringMatching(/^outcome {2}enforceIngress: revoked/));
  });

  test('--no-auth: no signature is looked at', async () => {
    const { url } = await startLocal('--no-enforcer', '--no-auth');

    expectSuccess(await send(url, toRequest(DESCRIBE)), DESCRIBE);
    const host = new URL(url).host.replace('127.0.0.1', 'localhost');
    const request = toRequest(DESCRIBE);
    expectSuccess(await send(url, { ...request, headers: { ...request.headers, host } }), DESCRIBE);
  });

  test.each([
    ['Origin', { origin: 'http://attacker.example' }],
    ['Origin of a page without one', { origin: 'null' }],
    ['Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site' }],
    ['Host, by DNS rebinding', { host: 'attacker.example' }],
  ])('--no-auth: a call of another web site is refused, known by its %s', async (_, headers) => {
    const { url } = await startLocal('--no-enforcer', '--no-auth');
    const request = toRequest(CREATE, { ...NAME, Description: 'of a page' });

    const answer = await send(url, { ...request, headers: { ...request.headers, ...headers } });

    expectError(answer, 403, 'AccessDenied');
    expect((await send(url, toRequest(DESCRIBE))).body).not.toContain('of a page');
  });

  test('--quota: so many cache security groups, and no more', async () => {
    const local = await startLocal('--no-enforcer', '--quota', '1');
    await createSessions(local);

    const answer = await local.call(CREATE, { CacheSecurityGroupName: 'another', Description: 'a' });

    expectError(answer, 400, 'QuotaExceeded.CacheSecurityGroup');
  });

  test('--transition-ms 0: a grant is authorized at once', async () => {
    const local = await startLocal('--no-enforcer', '--transition-ms', '0');
    await createSessions(local);
    await grant(local, STRANGER);

    const result = expectSuccess(await local.call(DESCRIBE, NAME), DESCRIBE);

    expect(result).toMatchObject({ CacheSecurityGroups: [{ EC2SecurityGroups: [{ Status: 'authorized' }] }] });
  });

  test('--transition-ms 3600000: a grant stays authorizing', async () => {
    const local = await startLocal('--no-enforcer', '--transition-ms', '3600000');
    await createSessions(local);
    await grant(local, STRANGER);

    const result = expectSuccess(await local.call(DESCRIBE, NAME), DESCRIBE);

    expect(result).toMatchObject({ CacheSecurityGroups: [{ EC2SecurityGroups: [{ Status: 'authorizing' }] }] });
  });

  test.each([
    ['0', 'available'],
    ['3600000', 'creating'],
  ])('--creating-ms %s: a cache that was just made is %s', async (creatingMs, CacheClusterStatus) => {
    const local = await startLocal('--no-enforcer', '--creating-ms', creatingMs);
    await local.call('CreateCacheCluster', { CacheClusterId: 'sessions', Engine: 'redis' });

    const result = expectSuccess(await local.call('DescribeCacheClusters'), 'DescribeCacheClusters');

    expect(result).toMatchObject({ CacheClusters: [{ CacheClusterStatus }] });
    await eventually(() => live(local)).toContain('call     CreateCacheCluster sessions redis -> done');
  });

  test('--vpc-only: an account without EC2-Classic', async () => {
    const { call } = await startLocal('--no-enforcer', '--vpc-only');

    expect(expectError(await call(DESCRIBE), 400, 'InvalidParameterValue')).toContain('not permitted');
  });

  test('--deny: no permission for these operations', async () => {
    const { call } = await startLocal('--no-enforcer', '--deny', CREATE, AUTHORIZE);

    expectError(await call(CREATE, { ...NAME, Description: 'a' }), 403, 'AccessDenied');
    expectSuccess(await call(DESCRIBE), DESCRIBE);
  });

  test.each([
    ['--throttle', [400]],
    ['--server-error', [500, 503]],
    ['--cut-before', ['ECONNRESET']],
    ['--cut-after', ['ECONNRESET']],
  ])('%s 1: every call meets it', async (option, fates) => {
    const { call } = await startLocal('--no-enforcer', option, '1', '--seed', '5');

    const fate = await call(DESCRIBE).then(
      ({ status }) => status,
      ({ code }) => code,
    );

    expect(fates).toContain(fate);
  });

  test('--double-event 1: every event comes twice', async () => {
    const local = await startLocal('--no-enforcer', '--double-event', '1');

    await local.call(DESCRIBE);

    await eventually(() => live(local).filter((line) => line.startsWith('event'))).toHaveLength(2);
  });

  test.each([
    ['--crash', 'Runtime.ExitError'],
    ['--time-out', 'Sandbox.Timedout'],
  ])('%s 1: the function meets it', async (option, error) => {
    // This seed leaves it four milliseconds.
    const local = await startLocal(option, '1', '--seed', '47', '--allowlist', await allowlistFile());
    await createSessions(local);

    await grant(local, STRANGER);

    await eventually(() => live(local)).toContainEqual(expect.stringMatching(`^outcome +enforceIngress: ${error}`));
  });

  test('--speed: the waits between tries are shorter', async () => {
    const allowlist = await allowlistFile();
    const local = await startLocal('--speed', '1000000', '--allowlist', allowlist);
    await createSessions(local);
    await rm(allowlist);

    await grant(local, STRANGER);

    await eventually(() => live(local)).toContainEqual(expect.stringMatching(/^dead .*failed 3 times/));
  });
});

describe('ingress-guard local --organization', () => {
  const MEMBER = '200000000001';
  const member = { accessKeyId: `AKIALOCAL${MEMBER}`, secretAccessKey: `secret-of-${MEMBER}` };

  test('has so many members, and shows a person the key of each account', async () => {
    const local = await startLocal('--organization', '--accounts', '2', '--no-enforcer');
    const settings = { region: 'us-east-1', endpoint: local.url, credentials };
    const organizations = new OrganizationsClient(settings);
    onTestFinished(() => organizations.destroy());

    const { Accounts } = await organizations.send(new ListAccountsCommand());

    expect(Accounts?.map(({ Id, Name }) => [Id, Name])).toEqual([
      ['100000000000', 'management'],
      [ACCOUNT, 'hub'],
      [MEMBER, 'member-1'],
      ['200000000002', 'member-2'],
    ]);
    expect(local.stderr()).toContain(`  ${MEMBER}  ${member.accessKeyId}  ${member.secretAccessKey}  member-1\n`);
  });

  test('has the functions of the hub revoke what the hub and a member may not grant', async () => {
    const local = await startLocal('--organization', '--mode', 'enforce', '--transition-ms', '50');
    const outcomes = () => live(local).filter((line) => line.startsWith('outcome  enforceIngress'));
    await createSessions(local);
    await local.call(CREATE, { ...NAME, Description: 'Sessions' }, member);

    await grant(local, STRANGER);
    await eventually(outcomes).toHaveLength(1);
    await local.call(AUTHORIZE, { ...NAME, EC2SecurityGroupName: 'web', EC2SecurityGroupOwnerId: STRANGER }, member);

    const revoked = expect.stringMatching(/^outcome {2}enforceIngress: revoked/);
    await eventually(outcomes).toEqual([revoked, revoked]);
  });
});
