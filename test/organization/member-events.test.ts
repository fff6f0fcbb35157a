import { describe, expect, test } from 'vitest';
import {
  countNotWatched,
  lookAtMemberEvents,
  type MemberRule,
  withStackInstances,
} from '../../src/organization/member-events.ts';
import type { Target } from '../../src/policy/target.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';

const here = { account: ACCOUNT, region: REGION };
const EXPECTED = {
  pattern: '{"source":["aws.ec2","aws.elasticache"],"detail":{"errorCode":[null]}}',
  target: 'arn:hub',
};
const RULE: MemberRule = { isEnabled: true, pattern: EXPECTED.pattern, targets: ['arn:hub'] };
const look = (rule: MemberRule | undefined, undelivered: number | undefined) =>
  lookAtMemberEvents(here, { readRule: async () => rule, countUndelivered: async () => undelivered }, EXPECTED);

describe('the events of a member', () => {
  test('are watched if its rule is enabled and as it was deployed, and none waits undelivered', async () => {
    expect(await look(RULE, 0)).toEqual({ status: 'watched' });
  });

  test('are watched whatever the order in which the pattern is written', async () => {
    const pattern = '{"detail":{"errorCode":[null]}, "source":["aws.elasticache","aws.ec2"]}';

    expect(await look({ ...RULE, pattern }, 0)).toEqual({ status: 'watched' });
  });

  test.each<[string, MemberRule | undefined, number | undefined, object]>([
    ['there is no rule', undefined, 0, { why: 'rule-missing' }],
    ['it is disabled', { ...RULE, isEnabled: false }, 0, { why: 'rule-disabled' }],
    ['it matches less', { ...RULE, pattern: '{"source":["aws.ec2"]}' }, 0, { why: 'other-pattern' }],
    ['it has no pattern', { ...RULE, pattern: undefined }, 0, { why: 'other-pattern' }],
    ['it sends events elsewhere', { ...RULE, targets: ['arn:other'] }, 0, { why: 'other-target' }],
    ['it sends events nowhere', { ...RULE, targets: [] }, 0, { why: 'other-target' }],
    ['events wait undelivered', RULE, 3, { why: 'undelivered-events', detail: '3' }],
    ['there is no queue for what cannot be sent', RULE, undefined, { why: 'queue-missing' }],
  ])('are not watched if %s', async (_, rule, undelivered, expected) => {
    expect(await look(rule, undelivered)).toEqual({ status: 'not-watched', ...expected });
  });

  test('are not known to be watched if the rule cannot be read', async () => {
    const readRule = () => Promise.reject(Object.assign(new Error('no\nway'), { name: 'AccessDenied' }));

    const events = await lookAtMemberEvents(here, { readRule, countUndelivered: async () => 0 }, EXPECTED);

    expect(events).toEqual({ status: 'not-watched', why: 'not-readable', detail: 'AccessDenied: no?way' });
  });
});

describe('the stack of a target', () => {
  const watched: Target = { ...here, status: 'judged', events: { status: 'watched' } };

  test('that is not current makes its events not watched', () => {
    const targets = withStackInstances([watched], [{ ...here, status: 'OUTDATED', reason: 'it failed' }]);

    expect(targets).toEqual([
      {
        ...watched,
        events: { status: 'not-watched', why: 'stack-instance-not-current', detail: 'OUTDATED: it failed' },
      },
    ]);
    expect(countNotWatched(targets)).toBe(1);
  });

  test.each<[string, Target, readonly { account: string; region: string; status: string }[]]>([
    ['that is current', watched, [{ ...here, status: 'CURRENT' }]],
    ['that was deployed by hand', watched, []],
    ['of another account', watched, [{ account: STRANGER, region: REGION, status: 'OUTDATED' }]],
    ['of an excluded account', { ...here, status: 'excluded' }, [{ ...here, status: 'INOPERABLE' }]],
  ])('changes nothing for a target %s', (_, target, instances) => {
    expect(withStackInstances([target], instances)).toEqual([target]);
  });
});
