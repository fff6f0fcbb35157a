import { expect, test } from 'vitest';
import { endIfNotGuarded, type Guards } from '../../src/enforcement/guards.ts';
import { ACCOUNT, STRANGER } from '../support/examples/grants.ts';

const hub = (changes: Partial<NonNullable<Guards['organization']>> = {}): Guards => {
  return { guardedAccount: ACCOUNT, organization: { excludedAccounts: [], envelopeAccount: STRANGER, ...changes } };
};

test.each<[string, string, Guards]>([
  ['of the account of the stack', ACCOUNT, { guardedAccount: ACCOUNT }],
  ['of the account of a hub', ACCOUNT, hub({ envelopeAccount: undefined })],
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

test.each([undefined, null, ACCOUNT, 444455556666])(
  'an event is rejected whose record names an account that EventBridge does not: %s',
  (envelopeAccount) => {
    const problem = `the record is of account ${STRANGER}, and EventBridge does not say that the event is`;

    expect(endIfNotGuarded('the grant', STRANGER, hub({ envelopeAccount }))).toEqual({
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
