import { expect, test } from 'vitest';
import { describeNotJudged, WHY_NOT_JUDGED, type WhyNotJudged } from '../../src/policy/target.ts';

const SAID: Readonly<Record<WhyNotJudged, string>> = {
  'member-role-missing': 'the member role cannot be assumed: it is missing, or its trust policy does not name the hub',
  'denied-by-service-control-policy': 'a service control policy denies the calls',
  'access-denied': 'access was denied',
  throttled: 'AWS throttled the calls to the end',
  'no-time-left': 'there was no time left',
  'region-list-not-readable': 'the list of enabled regions could not be read',
  'in-part': 'a part of it could not be evaluated',
  'no-result': 'the evaluation of the account left no result',
  error: 'the evaluation failed',
};

test.each(WHY_NOT_JUDGED)('an account that was not evaluated has the reason in plain words: %s', (why) => {
  expect(describeNotJudged(why)).toBe(SAID[why]);
});

test('what AWS answered stands after the reason', () => {
  expect(describeNotJudged('throttled', 'Rate exceeded')).toBe('AWS throttled the calls to the end (Rate exceeded)');
});
