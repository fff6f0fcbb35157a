import { expect, test } from 'vitest';
import { AccountsNotListedError, listAccounts } from '../../../src/aws/organizations/list-accounts.ts';
import { explainFailure } from '../../../src/aws/why-not-judged.ts';
import { ACCOUNT, REGION, STRANGER } from '../../support/examples/grants.ts';
import { stubEnvironment } from '../../support/functions/aws-environment.ts';
import { type JsonAnswer, jsonError, startJsonEndpoint } from '../../support/scripted/scripted-json-endpoint.ts';
import { rejectionOf } from '../../support/tools/thrown-by.ts';

async function startOrganizations(...answers: readonly JsonAnswer[]) {
  const left = [...answers];
  const endpoint = await startJsonEndpoint(() => (left.length > 1 ? left.shift() : left[0]) as JsonAnswer);
  stubEnvironment({ AWS_ENDPOINT_URL_ORGANIZATIONS: endpoint.url });
  return endpoint;
}

test('every page is read, and an account has its state, its path and when it joined', async () => {
  const first = {
    Id: ACCOUNT,
    Name: 'shop',
    State: 'ACTIVE',
    Status: 'SUSPENDED',
    Paths: [`o-0001/r-0001/ou-shop/${ACCOUNT}/`],
    JoinedTimestamp: 1767225600,
  };
  const { calls } = await startOrganizations(
    { body: { Accounts: [first], NextToken: 'two' } },
    { body: { Accounts: [], NextToken: 'three' } },
    { body: { Accounts: [{ Id: STRANGER, Status: 'SUSPENDED' }, { Id: '000000000001' }] } },
  );

  const accounts = await listAccounts(REGION);

  expect(accounts).toEqual([
    {
      account: ACCOUNT,
      name: 'shop',
      state: 'ACTIVE',
      path: ['o-0001', 'r-0001', 'ou-shop'],
      joinedAt: '2026-01-01T00:00:00.000Z',
    },
    { account: STRANGER, state: 'SUSPENDED' },
    { account: '000000000001', state: 'UNKNOWN' },
  ]);
  expect(calls.map(({ operation, body }) => [operation, body.NextToken, body.MaxResults])).toEqual([
    ['ListAccounts', undefined, 20],
    ['ListAccounts', 'two', 20],
    ['ListAccounts', 'three', 20],
  ]);
});

test('an account that joined at no time that there is has none, and what is no account has no id', async () => {
  await startOrganizations({ body: { Accounts: [{ Id: ACCOUNT, State: 'ACTIVE', JoinedTimestamp: 1e300 }, null] } });

  expect(await listAccounts(REGION)).toEqual([
    { account: ACCOUNT, state: 'ACTIVE' },
    { account: '', state: 'UNKNOWN' },
  ]);
});

test.each<[string, JsonAnswer, string, string]>([
  [
    'names a next page again',
    { body: { Accounts: [{ Id: ACCOUNT, State: 'ACTIVE' }], NextToken: 'again' } },
    'the listing does not end: it names a next page that it has named before',
    'error',
  ],
  [
    'names one account on every page',
    {
      // Another token for each page.
      get body() {
        return { Accounts: [{ Id: ACCOUNT, State: 'ACTIVE' }], NextToken: crypto.randomUUID() };
      },
    },
    `account ${ACCOUNT} is listed twice`,
    'error',
  ],
  ['has no accounts in it', { body: {} }, 'AWS Organizations did not list every account', 'error'],
  [
    'is refused',
    jsonError(400, 'AccessDeniedException', 'You do not have permissions to access this resource.'),
    'AccessDeniedException: You do not have permissions to access this resource.',
    'access-denied',
  ],
])('a list that %s is an error, and never a part of a list', async (_, answer, message, why) => {
  await startOrganizations(answer);

  const error = await rejectionOf(listAccounts(REGION));

  expect(error).toBeInstanceOf(AccountsNotListedError);
  expect((error as Error).message).toContain(message);
  expect(explainFailure(error).why).toBe(why);
});
