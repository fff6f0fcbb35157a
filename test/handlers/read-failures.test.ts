import { expect, test } from 'vitest';
import { readFailuresOf } from '../../handlers/shared/read-failures.ts';
import { ACCOUNT } from '../support/examples/grants.ts';

test.each([
  ['ThrottledError', 'throttled'],
  ['States.Timeout', 'no-time-left'],
  ['TimeoutError', 'no-time-left'],
  ['States.TaskFailed', 'error'],
])('an account whose evaluation ended with %s is not judged: %s', (error, why) => {
  const judged = [
    { account: ACCOUNT, status: 'not judged', error, due: 0 },
    { account: '444455556666', status: 'judged', due: 1, held: 0 },
  ];

  expect(readFailuresOf({ judged })).toEqual([{ account: ACCOUNT, why, detail: error }]);
});

test.each([{}, null, undefined, { judged: 'all' }])(
  'what has no list of accounts says nothing of failures: %j',
  (event) => {
    expect(readFailuresOf(event)).toBeUndefined();
  },
);

test.each([null, 1, { account: 1, error: 'x' }, { account: 'a', error: 'x' }, { account: ACCOUNT, error: 1 }])(
  'an item that names no account and no error is passed over: %j',
  (item) => {
    expect(readFailuresOf({ judged: [item] })).toEqual([]);
  },
);
