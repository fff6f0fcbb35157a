import { describe, expect, test } from 'vitest';
import type { BusEvent } from '../../src/local/cloudtrail-record.ts';
import { drawFaults, NO_FAULTS } from '../../src/local/faults.ts';
import { ACCOUNT, STRANGER } from '../support/examples/grants.ts';
import { recordingFunction, type StartedAws, startAws } from '../support/local-aws/local-aws.ts';
import { OTHER_REGION, TRANSITION } from '../support/local-aws/local-endpoint.ts';
import { expectError } from '../support/scripted/answers.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const GRANT = {
  CacheSecurityGroupName: 'Sessions',
  EC2SecurityGroupName: 'Web *',
  EC2SecurityGroupOwnerId: '4444-5555-6666',
};

type CloudTrailRecord = Record<string, unknown>;

async function startWithSessions(): Promise<StartedAws> {
  const started = await startAws();
  await started.call('CreateCacheSecurityGroup', { CacheSecurityGroupName: 'Sessions', Description: 'Of the shop' });
  return started;
}

/** The CloudTrail record of the last call. */
function lastRecord({ events }: StartedAws): CloudTrailRecord {
  return events.at(-1)?.detail as CloudTrailRecord;
}

/** `sessions` as CloudTrail shows it. */
function sessions(...eC2SecurityGroups: readonly object[]) {
  return {
    ownerId: ACCOUNT,
    cacheSecurityGroupName: 'sessions',
    description: 'Of the shop',
    eC2SecurityGroups,
    aRN: `arn:aws:elasticache:us-east-1:${ACCOUNT}:securitygroup:sessions`,
  };
}

describe('the CloudTrail record of', () => {
  test('AuthorizeCacheSecurityGroupIngress has the values as they were typed, and the whole bare cache security group', async () => {
    const started = await startWithSessions();
    await started.call('AuthorizeCacheSecurityGroupIngress', { ...GRANT, EC2SecurityGroupName: 'batch' });
    await started.clock.advance(TRANSITION);

    const { headers } = await started.call('AuthorizeCacheSecurityGroupIngress', { ...GRANT, Timestamp: 'x' });

    const time = new Date(started.clock.now()).toISOString();
    expect(lastRecord(started)).toEqual({
      eventVersion: '1.11',
      userIdentity: {
        type: 'IAMUser',
        principalId: expect.any(String),
        arn: `arn:aws:iam::${ACCOUNT}:user/local`,
        accountId: ACCOUNT,
        accessKeyId: 'test',
        userName: 'local',
      },
      eventTime: `${time.slice(0, 19)}Z`,
      eventSource: 'elasticache.amazonaws.com',
      eventName: 'AuthorizeCacheSecurityGroupIngress',
      awsRegion: 'us-east-1',
      sourceIPAddress: '127.0.0.1',
      userAgent: '',
      requestParameters: {
        cacheSecurityGroupName: 'Sessions',
        eC2SecurityGroupName: 'Web *',
        eC2SecurityGroupOwnerId: '4444-5555-6666',
      },
      responseElements: sessions(
        { status: 'authorized', eC2SecurityGroupName: 'batch', eC2SecurityGroupOwnerId: STRANGER },
        { status: 'authorizing', eC2SecurityGroupName: 'Web *', eC2SecurityGroupOwnerId: STRANGER },
      ),
      requestID: headers['x-amzn-requestid'],
      eventID: expect.stringMatching(UUID),
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: ACCOUNT,
      eventCategory: 'Management',
    });
  });

  test('RevokeCacheSecurityGroupIngress shows the grant as revoking', async () => {
    const started = await startWithSessions();
    await started.call('AuthorizeCacheSecurityGroupIngress', GRANT);
    await started.clock.advance(TRANSITION);

    await started.call('RevokeCacheSecurityGroupIngress', GRANT);

    expect(lastRecord(started)).toMatchObject({
      eventName: 'RevokeCacheSecurityGroupIngress',
      readOnly: false,
      requestParameters: { cacheSecurityGroupName: 'Sessions', eC2SecurityGroupOwnerId: '4444-5555-6666' },
      responseElements: { eC2SecurityGroups: [{ status: 'revoking', eC2SecurityGroupName: 'Web *' }] },
    });
  });

  test('CreateCacheSecurityGroup has the tags as a list', async () => {
    const started = await startAws();
    const tags = { 'Tags.Tag.1.Key': 'team', 'Tags.Tag.1.Value': 'shop', 'Tags.Tag.2.Key': 'stage' };
    const parameters = { CacheSecurityGroupName: 'Sessions', Description: 'Of the shop', ...tags };

    await started.call('CreateCacheSecurityGroup', parameters);

    expect(lastRecord(started)).toMatchObject({
      eventName: 'CreateCacheSecurityGroup',
      readOnly: false,
      requestParameters: {
        cacheSecurityGroupName: 'Sessions',
        description: 'Of the shop',
        tags: [{ key: 'team', value: 'shop' }, { key: 'stage' }],
      },
      responseElements: sessions(),
    });
  });

  test('CreateCacheSecurityGroup has only what is a parameter of it', async () => {
    const started = await startAws();
    const parameters = { CacheSecurityGroupName: 'a', Description: 'a', Tags: '', 'Description.1': 'b', Marker: 'c' };

    await started.call('CreateCacheSecurityGroup', parameters);

    expect(lastRecord(started).requestParameters).toEqual({ cacheSecurityGroupName: 'a', description: 'a' });
  });

  test('DeleteCacheSecurityGroup has no response elements', async () => {
    const started = await startWithSessions();

    await started.call('DeleteCacheSecurityGroup', { CacheSecurityGroupName: 'SESSIONS' });

    expect(lastRecord(started)).toMatchObject({
      eventName: 'DeleteCacheSecurityGroup',
      readOnly: false,
      requestParameters: { cacheSecurityGroupName: 'SESSIONS' },
      responseElements: null,
    });
  });

  test('DescribeCacheSecurityGroups is read-only, and does not tell what was read', async () => {
    const started = await startWithSessions();

    await started.call('DescribeCacheSecurityGroups', { MaxRecords: '20' });

    expect(lastRecord(started)).toMatchObject({
      eventName: 'DescribeCacheSecurityGroups',
      readOnly: true,
      requestParameters: { maxRecords: 20 },
      responseElements: null,
    });
  });

  test.each([
    ['CacheSecurityGroupNotFound', 'AuthorizeCacheSecurityGroupIngress', { ...GRANT, CacheSecurityGroupName: 'No' }],
    ['AuthorizationNotFound', 'RevokeCacheSecurityGroupIngress', { ...GRANT, CacheSecurityGroupName: 'Default' }],
    ['InvalidParameterValue', 'AuthorizeCacheSecurityGroupIngress', { ...GRANT, EC2SecurityGroupOwnerId: 'me' }],
    ['MissingParameter', 'DeleteCacheSecurityGroup', {}],
    ['InvalidCacheSecurityGroupState', 'DeleteCacheSecurityGroup', { CacheSecurityGroupName: 'default' }],
  ])(
    'a call that failed has the error code %s, the parameters, and no response elements',
    async (errorCode, action, parameters) => {
      const started = await startAws();

      const answer = await started.call(action, parameters);

      const record = lastRecord(started);
      expect(record).toMatchObject({ eventName: action, errorCode, responseElements: null });
      expect(expectError(answer, answer.status, errorCode)).toBe(record.errorMessage);
      expect(Object.values(record.requestParameters as object)).toEqual(Object.values(parameters));
    },
  );

  test('a call that did not fail has neither an error code nor an error message', async () => {
    const started = await startWithSessions();

    expect(Object.keys(lastRecord(started))).not.toEqual(expect.arrayContaining(['errorCode']));
    expect(Object.keys(lastRecord(started))).not.toEqual(expect.arrayContaining(['errorMessage']));
  });

  test('a call names its region, and the key that it was signed with', async () => {
    const started = await startAws({ credentials: { accessKeyId: 'AKIAMINE', secretAccessKey: 'mine' } });

    await started.call('DescribeCacheSecurityGroups', {}, OTHER_REGION);

    expect(lastRecord(started)).toMatchObject({ awsRegion: OTHER_REGION, userIdentity: { accessKeyId: 'AKIAMINE' } });
  });

  test('a call names no key where no signature is looked at', async () => {
    const started = await startAws({ credentials: undefined } as object);

    await started.call('DescribeCacheSecurityGroups');

    expect(lastRecord(started).userIdentity).not.toHaveProperty('accessKeyId');
  });
});

describe('no CloudTrail record is written of', () => {
  test.each([
    ['a call of an operation that there is not', 'DescribeCacheEngineVersions', 'us-east-1'],
    ['a call that was not let in', 'DescribeCacheSecurityGroups', 'mars-north-1'],
  ])('%s', async (_, action, region) => {
    const { call, events, calls } = await startAws();

    await call(action, {}, region);

    expect([events, calls]).toEqual([[], []]);
  });

  test('a call that was throttled before it did anything', async () => {
    const { call, events } = await startAws({ faults: drawFaults({ ...NO_FAULTS, throttle: 1 }) });

    await call('DescribeCacheSecurityGroups');

    expect(events).toEqual([]);
  });
});

describe('the event on the bus', () => {
  test('is EventBridge’s envelope around the record', async () => {
    const { call, events } = await startAws();

    await call('DescribeCacheSecurityGroups', {}, OTHER_REGION);

    const [{ detail, ...envelope }] = events as [BusEvent];
    expect(envelope).toEqual({
      version: '0',
      id: expect.stringMatching(UUID),
      'detail-type': 'AWS API Call via CloudTrail',
      source: 'aws.elasticache',
      account: ACCOUNT,
      time: (detail as CloudTrailRecord).eventTime,
      region: OTHER_REGION,
      resources: [],
    });
    expect(envelope.id).not.toBe((detail as CloudTrailRecord).eventID);
  });

  test('reaches a function once, however many of its patterns fit, and no function of which none does', async () => {
    const { aws, call, events } = await startAws();
    const twice = recordingFunction({ eventPatterns: [{ source: ['aws.elasticache'] }, { account: [ACCOUNT] }] });
    const never = recordingFunction({ eventPatterns: [{ source: ['aws.ec2'] }] });
    const none = recordingFunction({ eventPatterns: [] });
    aws.deploy([twice, never, none]);

    await call('DescribeCacheSecurityGroups');
    await aws.idle();

    expect(twice.invocations.map(({ event }) => event)).toEqual(events);
    expect([...never.invocations, ...none.invocations]).toEqual([]);
  });

  test('is plain JSON: nothing is lost when it is written down and read again', async () => {
    const { call, events } = await startWithSessions();
    await call('AuthorizeCacheSecurityGroupIngress', GRANT);

    expect(JSON.parse(JSON.stringify(events))).toEqual(events);
  });
});
