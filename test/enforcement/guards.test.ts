import { expect, test } from 'vitest';
import { endIfHeartbeatOfMember, endIfNotGuarded, type Guards } from '../../src/enforcement/guards.ts';
import { ACCOUNT, STRANGER } from '../support/examples/grants.ts';

const hub = (changes: Partial<NonNullable<Guards['organization']>> = {}): Guards => {
  return { guardedAccount: ACCOUNT, organization: { excludedAccounts: [], envelopeAccount: STRANGER, ...changes } };
};

test.each<[string, string, Guards]>([
  ['of the account of the stack', ACCOUNT, { guardedAccount: ACCOUNT }],
  ['of the account of a hub', ACCOUNT, hub({ envelopeAccount: ACCOUNT, excludedAccounts: [ACCOUNT] })],
  ['of another account of the organization', STRANGER, hub()],
  ['of any account, where nobody said which is guarded', STRANGER, { guardedAccount: undefined }],
])('an event is handled that is %s', (_, account, guards) => {
  expect(endIfNotGuarded('the grant', account, guards)).toBeUndefined();
});

test('an event of another account is rejected where there is no organization', () => {
  const problem = `the grant is in account ${STRANGER}, and this stack guards ${ACCOUNT}`;

  expect(endIfNotGuarded('the grant', STRANGER, { guardedAccount: ACCOUNT })).toEqual({
    outcome: 'rejected',
    problems: [problem],
  });
});

test.each([
  [STRANGER, undefined],
  [STRANGER, null],
  [STRANGER, ACCOUNT],
  [STRANGER, 444455556666],
  [ACCOUNT, STRANGER],
  [ACCOUNT, undefined],
])(
  'an event is rejected whose record names an account that EventBridge does not: %s, %s',
  (account, envelopeAccount) => {
    const problem = `the record is of account ${account}, and EventBridge does not say that the event is`;

    expect(endIfNotGuarded('the grant', account, hub({ envelopeAccount }))).toEqual({
      outcome: 'rejected',
      problems: [problem],
    });
  },
);

test('an event of an excluded account is ignored', () => {
  expect(endIfNotGuarded('the grant', STRANGER, hub({ excludedAccounts: [STRANGER] }))).toEqual({
    outcome: 'ignored',
    reason: `account ${STRANGER} is excluded in the settings`,
  });
});

test.each<[string, string, Guards]>([
  ['of the hub', ACCOUNT, hub()],
  ['of a stack of one account', ACCOUNT, { guardedAccount: ACCOUNT }],
  ['of any account, where nobody said which is guarded', STRANGER, { guardedAccount: undefined }],
])('a heartbeat counts that is %s', (_, account, guards) => {
  expect(endIfHeartbeatOfMember(account, guards)).toBeUndefined();
});

test('a heartbeat of a member is ignored', () => {
  expect(endIfHeartbeatOfMember(STRANGER, hub())).toEqual({
    outcome: 'ignored',
    reason: `it is a heartbeat of account ${STRANGER}, and only those of the hub count`,
  });
});
