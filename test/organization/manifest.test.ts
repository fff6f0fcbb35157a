import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accountsToJudge,
  ManifestError,
  makeManifest,
  type OrganizationAccount,
  placesOf,
  unitsWithoutAccounts,
} from '../../src/organization/manifest.ts';
import { ACCOUNT, STRANGER } from '../support/examples/grants.ts';
import {
  accountNumber,
  accountOf,
  OTHER_REGION,
  RUN,
  SHA,
  STARTED_AT,
  WHOLE,
} from '../support/examples/organization.ts';
import { times } from '../support/tools/fuzz.ts';

const OF_RUN = { run: RUN, startedAt: STARTED_AT, allowlistSha256: SHA };
const make = (listed: readonly OrganizationAccount[], changes: Partial<typeof WHOLE> = {}) =>
  makeManifest(OF_RUN, listed, { ...WHOLE, ...changes });

const STATES = ['ACTIVE', 'SUSPENDED', 'CLOSED', 'PENDING_CLOSURE', 'PENDING_ACTIVATION', 'A_STATE_TO_COME'];
const PATHS = [
  ['o-0001', 'r-0001'],
  ['o-0001', 'r-0001', 'ou-shop'],
  ['o-0001', 'r-0001', 'ou-shop', 'ou-shop-test'],
  ['o-0001', 'r-0001', 'ou-bank'],
];
const arbitraryAccounts = fc
  .uniqueArray(fc.nat(999), { minLength: 1, maxLength: 40 })
  .chain((numbers) =>
    fc.tuple(
      ...numbers.map((n) =>
        fc
          .record({ state: fc.constantFrom(...STATES), path: fc.constantFrom(...PATHS) })
          .map((rest) => accountOf(accountNumber(n), rest)),
      ),
    ),
  );

describe('a manifest', () => {
  test('has every account under the units, whatever its state, and no other', () => {
    fc.assert(
      fc.property(arbitraryAccounts, fc.constantFrom('r-0001', 'ou-shop', 'ou-bank'), (listed, unit) => {
        const expected = listed.filter(({ path = [] }) => path.includes(unit)).map(({ account }) => account);
        fc.pre(expected.length > 0);

        const { accounts } = make(listed, { organizationalUnits: [unit] });

        expect(accounts.map(({ account }) => account)).toEqual(expected.sort());
      }),
      times(200),
    );
  });

  test('is the same whatever the order of the list', () => {
    fc.assert(
      fc.property(arbitraryAccounts, (listed) => {
        expect(make(listed.toReversed())).toEqual(make(listed));
      }),
      times(100),
    );
  });

  test('has each account in each region of the scope once', () => {
    fc.assert(
      fc.property(arbitraryAccounts, (listed) => {
        const places = placesOf(make(listed, { regions: ['us-east-1', OTHER_REGION, 'us-east-1'] }));

        expect(places).toHaveLength(listed.length * 2);
        expect(new Set(places.map(({ account, region }) => `${account} ${region}`)).size).toBe(listed.length * 2);
      }),
      times(100),
    );
  });

  test('lists excluded accounts, and has nothing evaluated in them', () => {
    const manifest = make([accountOf(ACCOUNT), accountOf(STRANGER)], { excludedAccounts: [STRANGER] });

    expect(manifest.accounts.map(({ account, excluded }) => [account, excluded])).toEqual([
      [ACCOUNT, undefined],
      [STRANGER, true],
    ]);
    expect(accountsToJudge(manifest).map(({ account }) => account)).toEqual([ACCOUNT]);
  });

  test('has only active accounts evaluated', () => {
    const listed = STATES.map((state, n) => accountOf(accountNumber(n), { state }));

    expect(accountsToJudge(make(listed)).map(({ state }) => state)).toEqual(['ACTIVE']);
  });

  test.each<[string, readonly OrganizationAccount[], Partial<typeof WHOLE>, string]>([
    ['no account', [], {}, 'no account is in scope: AWS Organizations listed none'],
    [
      'a unit without accounts',
      [accountOf(ACCOUNT)],
      { organizationalUnits: ['ou-typo'] },
      'no account is in scope: none is under ou-typo. Check organizationalUnits in the settings',
    ],
    ['no region', [accountOf(ACCOUNT)], { regions: [] }, 'no region is in scope: name at least one in the settings'],
    [
      'an account twice',
      [accountOf(ACCOUNT), accountOf(ACCOUNT)],
      {},
      `AWS Organizations listed account ${ACCOUNT} twice`,
    ],
    ['an id that is none', [accountOf('12')], {}, 'AWS Organizations listed an account without a valid id'],
    [
      'an account without a path where units are named',
      [{ account: ACCOUNT, state: 'ACTIVE' }],
      { organizationalUnits: ['ou-shop'] },
      `AWS Organizations gave no path of account ${ACCOUNT}, so its organizational unit is not known: leave organizationalUnits out of the settings to audit every account`,
    ],
  ])('is not made of %s', (_, listed, changes, message) => {
    expect(() => make(listed, changes)).toThrow(new ManifestError(message));
  });

  test('has units that no account is under named', () => {
    expect(unitsWithoutAccounts([accountOf(ACCOUNT)], ['ou-shop', 'ou-typo', 'r-0001'])).toEqual(['ou-typo']);
  });
});
