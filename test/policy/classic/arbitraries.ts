import fc from 'fast-check';
import type { AccountPaths } from '../../../src/policy/account-paths.ts';
import type { ClassicAllowlistRule } from '../../../src/policy/classic/allowlist-rule.ts';
import type { ClassicGrant } from '../../../src/policy/classic/grant.ts';

// Small worlds: few letters, few owners, few regions. Only so do random rules and random grants meet often enough for
// an agreement between them to say something.

const ACCOUNTS = ['111122223333', '012345678901', '999988887777'] as const;
const REGIONS = ['us-east-1', 'eu-west-1'] as const;
/** Units of an organization that is a few levels deep, where accounts are in it, and accounts of which that is not known. */
const UNITS = ['r-ab12', 'ou-ab12-11111111', 'ou-ab12-22222222', 'ou-ab12-33333333'] as const;
/** Around the days on which arbitrary rules expire. */
const DAYS = ['2027-01-30', '2027-01-31', '2027-02-01'] as const;

/** Short names and patterns of the same few characters. */
const piece = fc.constantFrom('a', 'b', 'web', 'web-');
const ec2Piece = fc.constantFrom('a', 'A', 'web', 'web-', '[', '!', '{', 'a b');
const wildcard = fc.constantFrom('*', '?');
const text = (part: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(part, { minLength: 1, maxLength }).map((parts) => parts.join(''));

export const shortName = fc.string({ unit: fc.constantFrom('a', 'b', '-', '*', '?', '\\', '['), maxLength: 10 });
export const shortPattern = fc
  .array(fc.constantFrom('a', 'b', '-', '[', '*', '?', '\\*', '\\?', '\\\\', '\\a'), { maxLength: 8 })
  .map((parts) => parts.join(''));

export const arbitraryGrant: fc.Arbitrary<ClassicGrant> = fc.record({
  kind: fc.constant('classic' as const),
  account: fc.constantFrom(...ACCOUNTS),
  region: fc.constantFrom(...REGIONS),
  target: fc.record({ cacheSecurityGroupName: text(piece, 3) }),
  source: fc.record({
    ec2SecurityGroupName: text(ec2Piece, 3),
    ec2SecurityGroupOwnerId: fc.constantFrom(...ACCOUNTS),
  }),
});

export const arbitraryAccountPaths: fc.Arbitrary<AccountPaths> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...ACCOUNTS), fc.subarray(UNITS.slice(1))), {
    selector: ([account]) => account,
  })
  .map((paths) => new Map(paths.map(([account, units]) => [account, ['o-ab12cd34ef', 'r-ab12', ...units]])));

export const arbitraryUnits = fc.uniqueArray(fc.constantFrom(...UNITS), { minLength: 1, maxLength: 2 });

const list = <Item>(item: fc.Arbitrary<Item>) => fc.uniqueArray(item, { minLength: 1, maxLength: 3 });

const arbitraryRule: fc.Arbitrary<ClassicAllowlistRule> = fc.record(
  {
    id: fc.string({ unit: fc.constantFrom('a', 'b', 'Z', '-', '0'), minLength: 1, maxLength: 4 }).map((id) => `r${id}`),
    cacheSecurityGroups: list(text(fc.oneof(piece, wildcard), 3)),
    ec2SecurityGroups: list(text(fc.oneof(ec2Piece, wildcard), 3)),
    ownerIds: list(fc.constantFrom('*', 'self', '1111-2222-3333', ...ACCOUNTS)),
    accounts: list(fc.constantFrom(...ACCOUNTS)),
    organizationalUnits: arbitraryUnits,
    regions: list(fc.constantFrom(...REGIONS)),
    expires: fc.constantFrom(...DAYS),
  },
  { requiredKeys: ['id', 'cacheSecurityGroups', 'ec2SecurityGroups', 'ownerIds'] },
);

/** Up to 8 rules with ids of their own: a deny looks at each of so few. */
export const arbitraryRules: fc.Arbitrary<ClassicAllowlistRule[]> = fc.uniqueArray(arbitraryRule, {
  selector: (rule) => rule.id,
  maxLength: 8,
});

/** Instants around the ends of the days on which arbitrary rules expire, to the millisecond. */
export const arbitraryInstant: fc.Arbitrary<Date> = fc
  .tuple(fc.constantFrom(...DAYS), fc.constantFrom(-1, 0, 1))
  .map(([day, milliseconds]) => new Date(Date.parse(`${day}T00:00:00.000Z`) + milliseconds));
