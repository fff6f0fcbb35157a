import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CONTAINERS } from '../../src/cloudtrail/containers.ts';
import { unwrap } from '../../src/cloudtrail/unwrap.ts';
import { type JsonObject, sampleEvent } from '../events/sample-events.ts';

const EVENT = sampleEvent('authorize-security-group-ingress');
const RECORD = EVENT.detail as JsonObject;
const json = JSON.stringify;
const TEXT = json(RECORD);
const packed = (text: string) => gzipSync(text).toString('base64');
const found = (value: unknown) => [...unwrap(value)];
const problemsIn = (value: unknown) => found(value).map((one) => ('problem' in one ? one.problem : one));

const SUBSCRIPTION = { messageType: 'DATA_MESSAGE', logGroup: 'trail', logEvents: [{ id: '1', message: TEXT }] };
const ROW = [
  { field: '@timestamp', value: '2026-11-03 09:14:06.000' },
  { field: '@message', value: TEXT },
];

describe('a record is found', () => {
  test.each<[string, unknown]>([
    ['alone', RECORD],
    ['as a text', TEXT],
    ['as a text in a text', json(TEXT)],
    ['in a list of texts, as lookup-events prints with --query', [TEXT]],
    ['in a log file', { Records: [RECORD] }],
    ['in what lookup-events prints', { Events: [{ EventName: 'any', EventTime: 1, CloudTrailEvent: TEXT }] }],
    ['in what filter-log-events prints', { events: [{ logStreamName: 's', message: TEXT, eventId: '1' }] }],
    ['in what a subscription of CloudWatch Logs sends', SUBSCRIPTION],
    ['in what a function gets from a subscription', { awslogs: { data: packed(json(SUBSCRIPTION)) } }],
    [
      'in what a function gets from a subscription to Kinesis',
      {
        Records: [
          {
            eventSource: 'aws:kinesis',
            eventName: 'aws:kinesis:record',
            kinesis: { data: packed(json(SUBSCRIPTION)) },
          },
        ],
      },
    ],
    [
      'in what kinesis get-records prints',
      { Records: [{ Data: Buffer.from(TEXT).toString('base64'), PartitionKey: 'a' }] },
    ],
    ['in what Firehose gives to a function', { records: [{ recordId: '1', data: packed(TEXT) }] }],
    ['in what Logs Insights answers', { results: [ROW], status: 'Complete' }],
    ['in what the console of Logs Insights exports', [{ '@timestamp': 'a', '@message': RECORD }]],
    ['in what sqs receive-message prints', { Messages: [{ MessageId: 'm', Body: TEXT }] }],
    ['in what a function gets from SQS', { Records: [{ eventSource: 'aws:sqs', messageId: 'm', body: TEXT }] }],
    ['in what a function gets from SNS', { Records: [{ EventSource: 'aws:sns', Sns: { Message: TEXT } }] }],
    ['in a notification of SNS', { Type: 'Notification', TopicArn: 'a', Message: TEXT }],
    [
      'in a log file in a notification of SNS in what a function gets from SQS',
      {
        Records: [
          { eventSource: 'aws:sqs', body: json({ Type: 'Notification', Message: json({ Records: [RECORD] }) }) },
        ],
      },
    ],
    [
      'in Splunk’s raw text, next to what Splunk read in it',
      { result: { _raw: TEXT, eventName: 'any', 'requestParameters.groupId': 'a' } },
    ],
    ['in what the HTTP event collector of Splunk gets', { time: 1, sourcetype: 'aws:cloudtrail', event: RECORD }],
    [
      'in what Elasticsearch finds',
      { took: 1, hits: { total: { value: 1 }, hits: [{ _index: 'a', _source: RECORD }] } },
    ],
    ['in what Filebeat stores', { _source: { event: { outcome: 'success', original: TEXT }, message: 'a' } }],
    ['in the entries of put-events', { Entries: [{ Source: 'a', DetailType: 'b', Detail: TEXT }] }],
    ['in an event whose detail became a text', { source: 'aws.ec2', detail: TEXT }],
  ])('%s', (_, value) => {
    expect(found(value)).toEqual([{ record: RECORD }]);
  });

  test('in a text that holds several, one after another', () => {
    expect(found({ message: `${TEXT}${TEXT}\n${TEXT}` })).toEqual([
      { record: RECORD },
      { record: RECORD },
      { record: RECORD },
    ]);
  });

  test('in an event around it, wherever that is', () => {
    const body = json(EVENT);

    for (const value of [
      EVENT,
      [EVENT],
      { Messages: [{ Body: body }] },
      { requestPayload: EVENT, responsePayload: {} },
    ]) {
      expect(found(value)).toEqual([{ event: EVENT }]);
    }
    expect(found({ level: 'INFO', message: 'Lambda invocation event', event: EVENT })).toEqual([{ event: EVENT }]);
  });

  test('where Athena lowered its names and made texts of its objects', () => {
    const lowered = Object.fromEntries(
      Object.entries(RECORD).map(([name, value]) => [
        name.toLowerCase(),
        typeof value === 'object' ? json(value) : value,
      ]),
    );
    const { userIdentity, eventName, eventTime, requestParameters, responseElements } = RECORD;

    expect(found(lowered)).toMatchObject([
      { record: { userIdentity, eventName, eventTime, requestParameters, responseElements } },
    ]);
  });

  test('in the rows that CloudTrail Lake answers', () => {
    const { requestParameters, ...rest } = RECORD;
    const columns = [...Object.entries(rest), ['requestParameters', json(requestParameters)]];
    const row = columns.map(([name, value]) => ({ [name as string]: value }));

    expect(found({ QueryStatus: 'FINISHED', QueryResultRows: [row, row] })).toEqual([
      { record: RECORD },
      { record: RECORD },
    ]);
  });

  test('as it is, where a text in it is no JSON', () => {
    const record = { ...RECORD, requestParameters: 'HIDDEN_DUE_TO_SECURITY_REASONS' };

    expect(found(record)).toEqual([{ record }]);
  });

  test.each(CONTAINERS)('under %s, one of the keys of containers', (key) => {
    const value = key === 'QueryResultRows' ? [[RECORD]] : TEXT;

    expect(found({ [key]: value })).toEqual([{ record: RECORD }]);
  });
});

describe('what is no record is named', () => {
  test.each<[string, unknown, string]>([
    ['an object', { a: 1, 'b`c': 2 }, 'holds `a`, `b?c`'],
    [
      'one with many keys',
      Object.fromEntries([...'abcdefg'].map((key) => [key, 1])),
      'holds `a`, `b`, `c`, `d` and 3 more',
    ],
    ['one with nothing in it', {}, 'holds nothing'],
    ['nothing', null, 'null'],
    ['a number', 5, '5'],
    ['a text', 'START RequestId: a', '`START RequestId: a`'],
    ['a raw text that is no JSON', { _raw: 'Nov 3 09:14:06 host sshd' }, 'holds `_raw`'],
    [
      'a log line that is no JSON',
      { logStreamName: 's', message: 'START RequestId: a' },
      'holds `logStreamName`, `message`',
    ],
    ['an item of a queue that is no JSON', { eventSource: 'aws:sqs', body: 'a' }, 'holds `eventSource`, `body`'],
    ['a row of Logs Insights without the message', [{ field: 'a', value: 'b' }], 'holds `a`'],
    [
      'an event about a call, without a record',
      { 'detail-type': 'AWS API Call via CloudTrail', detail: { a: 1 } },
      'its `detail` holds `a`',
    ],
    ['an event of no kind', { source: 'aws.ec2', detail: {} }, 'its `detail` holds nothing'],
    ['a digest', { awsAccountId: 'a', digestStartTime: 'b' }, 'a CloudTrail digest'],
    [
      'an S3 notification',
      { Records: [{ eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3: {} }] },
      'an S3 notification: read the log file that it names',
    ],
    [
      'an S3 notification of EventBridge',
      { source: 'aws.s3', 'detail-type': 'Object Created', detail: { object: {} } },
      'an S3 notification: read the log file that it names',
    ],
    [
      'a notice of CloudTrail',
      { Message: json({ s3Bucket: 'b', s3ObjectKey: ['k'] }) },
      'a notice of log files: read those that it names',
    ],
    ['what events test-event-pattern prints', { Result: true }, 'holds `Result`'],
  ])('%s', (_, value, what) => {
    expect(problemsIn(value)).toEqual([`no CloudTrail record: ${what}`]);
  });

  test('a text that is no JSON to its end', () => {
    expect(problemsIn({ message: TEXT.slice(0, -1) })).toEqual(['in a text: not JSON to its end: it is cut off']);
  });

  test('gzip that is damaged', () => {
    expect(problemsIn({ awslogs: { data: packed(TEXT).slice(0, 40) } })).toEqual([
      'a text in gzip and base64 that is damaged',
    ]);
  });

  test('one of several, and the others are found', () => {
    expect(problemsIn([{ a: 1 }, RECORD, { message: 'x' }])).toEqual([
      'no CloudTrail record: holds `a`',
      { record: RECORD },
      'no CloudTrail record: holds `message`',
    ]);
  });
});

describe('what is not for us', () => {
  test('is an event of another kind, which is given as it is', () => {
    const event = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

    expect(found(event)).toEqual([{ event }]);
  });

  test('is an Insights event, which is given as it is', () => {
    const record = { eventCategory: 'Insight', eventType: 'AwsCloudTrailInsight', insightDetails: { eventName: 'a' } };

    expect(found(record)).toEqual([{ record }]);
  });

  test('is what CloudWatch Logs sends to see whether a subscription is there, which is nothing', () => {
    const message = 'CWL CONTROL MESSAGE: Checking health of destination Firehose.';

    expect(found({ messageType: 'CONTROL_MESSAGE', logEvents: [{ message }] })).toEqual([]);
  });
});

describe('work is bounded', () => {
  test('by how many layers are opened', () => {
    const inLists = (layers: number) => Array.from({ length: layers }).reduce<unknown>((value) => [value], RECORD);

    expect(found(inLists(15))).toEqual([{ record: RECORD }]);
    expect(found(inLists(16))).toEqual([{ problem: 'wrapped in more than 16 layers' }]);
  });

  test('by how much is unpacked, in all layers and all members together', () => {
    const large = packed(`"${' '.repeat(6 * 1024 * 1024)}"`);

    const problems = problemsIn([{ data: large }, { data: large }, { data: large }]);

    expect(problems).toEqual([
      expect.stringMatching(/^no CloudTrail record: ` +\.\.\.`$/),
      expect.stringMatching(/^no CloudTrail record: ` +\.\.\.`$/),
      'a text in gzip and base64 that is larger than 16 MB once unpacked',
    ]);
  });

  test('by no member that reaches for a prototype', () => {
    const value = JSON.parse('{"__proto__": {"Records": []}, "constructor": 1, "EVENTNAME": "a"}');

    expect(found(value)).toEqual([{ record: expect.objectContaining({ eventName: 'a', constructor: 1 }) }]);
    expect(({} as { Records?: unknown }).Records).toBeUndefined();
  });
});
