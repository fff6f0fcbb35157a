import { describe, expect, test } from 'vitest';
import { readMadeBy } from '../../src/cloudtrail/made-by.ts';

const RULE = 'sgr-0123456789abcdef0';
const record = (changes: object = {}) => ({
  eventVersion: '1.11',
  userIdentity: {
    type: 'AssumedRole',
    arn: 'arn:aws:sts::111122223333:assumed-role/deploy/alice',
    accountId: '111122223333',
  },
  eventTime: '2026-11-03T09:14:06Z',
  eventSource: 'ec2.amazonaws.com',
  eventName: 'AuthorizeSecurityGroupIngress',
  eventID: '2f6f3a58-0f0c-4f5e-9a55-6a5cbb7dd3a1',
  requestParameters: { groupId: 'sg-0123456789abcdef0', ipPermissions: { items: [] } },
  responseElements: {
    _return: true,
    securityGroupRuleSet: { items: [{ groupId: 'sg-0123456789abcdef0', securityGroupRuleId: RULE, isEgress: false }] },
  },
  ...changes,
});
const read = (changes: object = {}) => readMadeBy(JSON.stringify(record(changes)));

describe('a record of CloudTrail', () => {
  test('says which rules a call made, who made it and when', () => {
    expect(read()).toEqual({
      securityGroupRuleIds: [RULE],
      madeBy: {
        eventName: 'AuthorizeSecurityGroupIngress',
        eventId: '2f6f3a58-0f0c-4f5e-9a55-6a5cbb7dd3a1',
        eventTime: '2026-11-03T09:14:06.000Z',
        grantedBy: {
          type: 'AssumedRole',
          arn: 'arn:aws:sts::111122223333:assumed-role/deploy/alice',
          accountId: '111122223333',
        },
      },
    });
  });

  test('says which rules a call edited', () => {
    const changes = {
      eventName: 'ModifySecurityGroupRules',
      requestParameters: {
        ModifySecurityGroupRulesRequest: {
          GroupId: 'sg-0123456789abcdef0',
          SecurityGroupRule: { SecurityGroupRuleId: RULE, SecurityGroupRule: { CidrIpv4: '0.0.0.0/0' }, tag: 1 },
        },
      },
      responseElements: { ModifySecurityGroupRulesResponse: { return: true } },
    };

    expect(read(changes)).toMatchObject({
      securityGroupRuleIds: [RULE],
      madeBy: { eventName: 'ModifySecurityGroupRules' },
    });
  });

  test.each<[string, object]>([
    ['a call that failed', { errorCode: 'Client.InvalidPermission.Duplicate', responseElements: null }],
    ['another call', { eventName: 'RevokeSecurityGroupIngress' }],
    ['a call to another service', { eventSource: 'rds.amazonaws.com' }],
    [
      'a call that made egress rules only',
      { responseElements: { securityGroupRuleSet: { items: [{ securityGroupRuleId: RULE, isEgress: true }] } } },
    ],
  ])('says nothing of rules if it is of %s', (_, changes) => {
    expect(read(changes)?.securityGroupRuleIds ?? []).toEqual([]);
  });

  test.each(['', 'no JSON', 'null', '[]', '{}', '"text"', '{"eventName":{"a":1}}'])(
    'that is none says nothing: %s',
    (text) => {
      expect(readMadeBy(text)).toBeUndefined();
    },
  );
});
