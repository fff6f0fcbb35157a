import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toCloudTrailRecord } from '../../../src/local/cloudtrail-record.ts';
import { ec2 as service } from '../../../src/local/ec2/ec2.ts';
import { ACCOUNT } from '../../support/examples/grants.ts';
import { type LocalEndpoint, startEndpoint } from '../../support/local-aws/local-endpoint.ts';
import type { Answer } from '../../support/scripted/answers.ts';
import { harmless, times } from '../../support/tools/fuzz.ts';
import { readXml } from '../../support/wire/xml.ts';

const STATUSES = [200, 400, 401, 403, 404, 412];
const ACTIONS = [...service.operations.keys()];

/** Names of parameters, whole and in pieces, that fit together in more ways than they should. */
const piece = fc.constantFrom(
  'GroupId',
  'GroupName',
  'GroupDescription',
  'VpcId',
  'SubnetId',
  'IpPermissions',
  'IpProtocol',
  'FromPort',
  'ToPort',
  'IpRanges',
  'Ipv6Ranges',
  'PrefixListIds',
  'Groups',
  'CidrIp',
  'CidrIpv6',
  'CidrIpv4',
  'Description',
  'UserId',
  'SecurityGroupRuleId',
  'SecurityGroupRule',
  'SecurityGroupId',
  'NetworkInterfaceId',
  'VpcEndpointId',
  'DefaultVisibility',
  'PrefixListId',
  'PrefixListName',
  'AddressFamily',
  'MaxEntries',
  'Entry',
  'AddEntry',
  'RemoveEntry',
  'Cidr',
  'CurrentVersion',
  'PreviousVersion',
  'TargetVersion',
  'IncludeManagedResources',
  'SourceSecurityGroupName',
  'Filter',
  'Name',
  'Value',
  'MaxResults',
  'NextToken',
  'DryRun',
  '1',
  '1',
  '1',
  '2',
  '01',
  '99999999',
  '',
  '__proto__',
  'constructor',
);
const anything = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.toWellFormed());
const name = fc.oneof(
  { weight: 9, arbitrary: fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join('.')) },
  { weight: 1, arbitrary: anything },
);
const value = fc.oneof(
  anything,
  fc.constantFrom(
    'tcp',
    '-1',
    '6379',
    '10.0.0.0/8',
    '::/0',
    'group-id',
    '*',
    '?*?*?*',
    'caches',
    'default',
    '',
    'true',
  ),
  fc.constantFrom('sg-12345678', 'sgr-12345678', 'eni-12345678', 'pl-12345678', 'subnet-12345678', ACCOUNT),
);

/** A good rule, or nearly: any member of it may be something else. */
const nearlyGood = fc
  .record({
    'IpPermissions.1.IpProtocol': fc.oneof(fc.constant('tcp'), value),
    'IpPermissions.1.FromPort': fc.oneof(fc.constant('1'), value),
    'IpPermissions.1.ToPort': fc.oneof(fc.constant('2'), value),
    'IpPermissions.1.IpRanges.1.CidrIp': fc.oneof(fc.constant('10.0.0.0/8'), fc.ipV4(), value),
    'IpPermissions.1.Ipv6Ranges.1.CidrIpv6': fc.oneof(fc.constant('::/0'), fc.ipV6(), value),
  })
  .map((rule) => ({ ...rule, GroupName: 'default' }));

/** Whatever it is: an answer of EC2 that a client can read, and no defect of ours. */
function expectReadable({ status, body }: Answer): void {
  expect(STATUSES).toContain(status);
  const root = readXml(body.replace(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/, ''));
  if (status === 200) {
    expect(root.name).toMatch(/^[A-Z][A-Za-z]+Response$/);
  } else {
    const error = root.children[0]?.children[0];
    expect([root.name, error?.name, error?.children.map((child) => child.name)]).toEqual([
      'Response',
      'Error',
      ['Code', 'Message'],
    ]);
    expect(error?.children[1]?.text.length).toBeLessThan(400);
  }
}

/** The record that CloudTrail would write of the last call can be sent on. */
function expectRecordable({ calls }: LocalEndpoint): void {
  const call = calls.at(-1);
  if (call === undefined) return;
  const record = toCloudTrailRecord(call, new Date(0));
  expect(JSON.parse(JSON.stringify(record))).toMatchObject({ eventSource: 'ec2.amazonaws.com' });
}

describe('whatever comes in for EC2', () => {
  test('is answered in EC2’s XML, with a status of AWS’s, and can be recorded', async () => {
    const endpoint = await startEndpoint();
    const call = fc.record({
      action: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...ACTIONS) }, { weight: 1, arbitrary: anything }),
      parameters: fc.dictionary(name, value, { maxKeys: 12, noNullPrototype: true }),
    });
    await fc.assert(
      fc.asyncProperty(call, fc.constantFrom('GET', 'POST'), async ({ action, parameters }, method) => {
        expectReadable(await harmless(() => endpoint.call(action, parameters, { method, service: 'ec2' })));
        expectRecordable(endpoint);
      }),
      times(400),
    );
  });

  test('leaves the rules as they were, or adds what it says', async () => {
    const endpoint = await startEndpoint({ rulesPerSecurityGroup: 100_000 });
    const count = () => endpoint.region.securityGroupRules.list().length;
    await fc.assert(
      fc.asyncProperty(nearlyGood, async (parameters) => {
        const before = count();
        const answer = await harmless(() =>
          endpoint.call('AuthorizeSecurityGroupIngress', parameters, { service: 'ec2' }),
        );
        expectReadable(answer);
        expectRecordable(endpoint);
        expect(count()).toBe(before + (answer.status === 200 ? 2 : 0));
      }),
      times(400),
    );
  });

  test('takes little time, however much it is', async () => {
    const { call } = await startEndpoint();
    const many = (toName: (i: number) => string, text: string) =>
      Object.fromEntries(Array.from({ length: 12_000 }, (_, i) => [toName(i + 1), text]));
    const patterns = { 'Filter.1.Name': 'group-name', 'Filter.1.Value.1': '*a?'.repeat(50_000) };

    const answers = [
      await harmless(() =>
        call(
          'AuthorizeSecurityGroupIngress',
          many((i) => `IpPermissions.${i}.ToPort`, '1'),
          EC2,
        ),
      ),
      await harmless(() =>
        call(
          'DescribeSecurityGroups',
          many((i) => `Filter.${i}.Value.1`, '*'),
          EC2,
        ),
      ),
      await harmless(() =>
        call('DescribeSecurityGroups', { ...patterns, ...many((i) => `Filter.1.Value.${i + 1}`, '?*?*') }, EC2),
      ),
    ];

    for (const answer of answers) expectReadable(answer);
  });
});

const EC2 = { service: 'ec2' } as const;
