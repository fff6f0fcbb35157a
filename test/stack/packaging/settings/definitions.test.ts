import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  readAllowlistLocation,
  readMaxRevocations,
  readMixed,
  readMode,
  readRegions,
  readShared,
} from '../../../../handlers/shared/settings.ts';
import { allowlistLocation } from '../../../../src/allowlist/allowlist-location.ts';
import { SETTINGS } from '../../../../stack/packaging/settings/definitions.ts';
import { thrownBy } from '../../../support/tools/thrown-by.ts';

const OWN_REGION = 'eu-west-1';

function setting(name: string) {
  const found = SETTINGS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no setting ${name}`);
  return found;
}

const LONGEST_BUCKET = 'a'.repeat(63);

const someAccounts = (length: number) => Array.from({ length }, (_, i) => `${111122223000 + i}`).join();

/** Values that somebody can mean. */
const RIGHT: Readonly<Record<string, readonly string[]>> = {
  mode: ['report-only', 'enforce'],
  allowlist: [
    'ssm:allowlist',
    'ssm:/ingress-guard/allowlist',
    'ssm:/Team.One/a_b-c',
    `ssm:${'/p'.repeat(15)}`,
    'appconfig:guard/prod/allowlist',
    'appconfig:The guard/prod/allow.list_1',
  ],
  regions: [
    'us-east-1',
    'us-east-1,eu-west-1',
    'us-east-1, eu-west-1',
    'ap-southeast-7,mx-central-1,il-central-1,sa-west-1',
  ],
  organization: ['o-abcde12345', `o-${'a'.repeat(32)}`],
  organizationalUnits: [
    'ou-abcd-12345678',
    'r-abcd',
    'ou-abcd-12345678, ou-ab12-abcdefgh',
    Array.from({ length: 50 }, (_, i) => `ou-abcd-${i + 10_000_000}`).join(),
  ],
  excludedAccounts: ['111122223333', '000000000001, 999988887777', someAccounts(50)],
  maxRevocations: ['0', '1', '10', '010', '999999999', 'unlimited'],
  maxRevocationsPerRun: ['0', '50', 'unlimited'],
  shared: ['hold', 'revoke'],
  mixed: ['hold', 'revoke'],
  reportBucket: ['abc', 'my-reports', 'reports.example.com', '123', LONGEST_BUCKET],
  securityHub: ['true', 'false'],
  alertEmail: ['oncall@example.com', "o'brien+cache@mail.example.co.uk", 'A.B@EXAMPLE.COM', 'team&ops@example.com'],
  chat: ['true', 'false'],
  tracing: ['true', 'false'],
};

/** Values that nobody can mean, and what is said of them. */
const WRONG: readonly (readonly [name: string, value: string, problem: string])[] = [
  ['mode', 'Enforce', '`Enforce` is neither `report-only` nor `enforce`: did you mean `enforce`?'],
  ['mode', 'reportonly', '`reportonly` is neither `report-only` nor `enforce`: did you mean `report-only`?'],
  ['mode', 'on', '`on` is neither `report-only` nor `enforce`: write one of the two'],
  ['mode', 'enforce,shared=revoke', 'write one of the two'],
  ['shared', 'yes', '`yes` is neither `hold` nor `revoke`: write one of the two'],
  ['shared', 'HOLD', 'did you mean `hold`?'],
  ['mixed', 'Revoke', 'did you mean `revoke`?'],
  ['tracing', 'yes', '`yes` is neither `true` nor `false`: write one of the two'],
  ['tracing', 'True', 'did you mean `true`?'],
  ['chat', 'slack', '`slack` is neither `true` nor `false`: write one of the two'],
  ['securityHub', 'on', '`on` is neither `true` nor `false`: write one of the two'],
  ['maxRevocations', 'ten', '`ten` is not a number: write a whole number such as 40, or `unlimited`'],
  ['maxRevocations', '-1', 'write a whole number'],
  ['maxRevocations', '1e3', 'write a whole number'],
  ['maxRevocations', '1.5', 'write a whole number'],
  ['maxRevocations', '1_000', 'write a whole number'],
  ['maxRevocations', '0x10', 'write a whole number'],
  ['maxRevocations', '١٠', 'write a whole number'],
  ['maxRevocations', '1000000000', 'write a whole number'],
  ['maxRevocations', 'Infinity', 'write a whole number'],
  ['maxRevocations', 'Unlimited', 'did you mean `unlimited`?'],
  ['allowlist', 'ssm:', 'ssm: names no parameter: write ssm:NAME, such as ssm:/ingress-guard/allowlist'],
  ['allowlist', 'ssm:arn:aws:ssm:us-east-1:123456789012:parameter/a', 'is an ARN: write the parameter’s name'],
  ['allowlist', 'ssm:/guard/allowlist:3', "write the parameter's name alone, `ssm:/guard/allowlist`"],
  ['allowlist', 'ssm:guard/allowlist', 'does not begin with a slash: write `ssm:/guard/allowlist`'],
  ['allowlist', 'ssm:/guard/', '`/guard/` is not the name of a parameter'],
  ['allowlist', 'ssm://guard', '`//guard` is not the name of a parameter'],
  ['allowlist', 'ssm:my list', '`my list` is not the name of a parameter'],
  ['allowlist', `ssm:${'/p'.repeat(16)}`, 'is not the name of a parameter'],
  ['allowlist', `ssm:${'p'.repeat(1012)}`, 'is not the name of a parameter'],
  ['allowlist', 'ssm:/aws/allowlist', '`/aws/allowlist` begins with aws or ssm, which AWS keeps for itself'],
  ['allowlist', 'SSM:/guard/allowlist', 'write ssm: in lower case'],
  ['allowlist', 'appconfig:', 'does not name three things: write appconfig:APPLICATION/ENVIRONMENT/PROFILE'],
  ['allowlist', 'appconfig:a/b', '`appconfig:a/b` does not name three things'],
  ['allowlist', 'appconfig:a/b/c/d', 'does not name three things'],
  ['allowlist', 'appconfig:a//c', 'does not name three things'],
  ['allowlist', 'appconfig:a/ b/c', 'the environment ` b` has white space around it'],
  ['allowlist', `appconfig:${'a'.repeat(65)}/b/c`, 'has 65 characters: AWS AppConfig takes at most 64'],
  [
    'allowlist',
    'other.yaml',
    'to package another file, set INGRESS_GUARD_ALLOWLIST=other.yaml and leave this setting out',
  ],
  ['allowlist', 's3://bucket/allowlist.yaml', 'is neither ssm:NAME nor appconfig:APPLICATION/ENVIRONMENT/PROFILE'],
  ['regions', 'us-east1', '`us-east1` is not the name of a region: did you mean `us-east-1`?'],
  ['regions', 'US-EAST-1', 'did you mean `us-east-1`?'],
  ['regions', 'us_east_1', 'did you mean `us-east-1`?'],
  ['regions', 'us-esat-1', 'did you mean `us-east-1`?'],
  ['regions', 'us-east-1a', 'did you mean `us-east-1`?'],
  ['regions', 'Ireland', '`Ireland` is not the name of a region: write a name such as us-east-1'],
  ['regions', 'all', '`all` is not the name of a region'],
  ['regions', '*', '`*` is not the name of a region'],
  ['regions', 'us-east-1 eu-west-1', 'is not the name of a region'],
  ['regions', 'us-east-1;eu-west-1', 'is not the name of a region'],
  ['regions', 'us-east-1,,', 'a region is missing before or after a comma'],
  ['regions', ',us-east-1', 'a region is missing before or after a comma'],
  ['regions', 'us-east-1,us-east-1', '`us-east-1` is there twice: name each region once'],
  ['regions', 'eu-west-1, us-east-1, eu-west-1', '`eu-west-1` is there twice'],
  ['regions', 'cn-north-1', '`cn-north-1` is in the partition aws-cn, and the stack in aws'],
  ['regions', 'eu-west-1,us-gov-west-1', '`us-gov-west-1` is in the partition aws-us-gov, and the stack in aws'],
  ['organization', 'abcde12345', '`abcde12345` is not the id of an organization: write an id such as o-abcde12345'],
  ['organization', 'o-short', 'is not the id of an organization'],
  ['organization', 'O-ABCDE12345', '`O-ABCDE12345` is not the id of an organization: did you mean `o-abcde12345`?'],
  ['organization', 'arn:aws:organizations::111122223333:organization/o-abcde12345', 'did you mean `o-abcde12345`?'],
  [
    'organization',
    'r-abcd',
    '`r-abcd` is the id of a root or of an organizational unit: write it into organizationalUnits',
  ],
  ['organization', 'ou-abcd-12345678', 'write it into organizationalUnits'],
  [
    'organizationalUnits',
    'Production',
    '`Production` is not the id of an organizational unit or a root: write an id such as ou',
  ],
  ['organizationalUnits', 'ou-abcd', '`ou-abcd` is not the id of an organizational unit or a root'],
  ['organizationalUnits', 'OU-ABCD-12345678', 'did you mean `ou-abcd-12345678`?'],
  ['organizationalUnits', 'o-abcde12345', 'is not the id of an organizational unit or a root'],
  ['organizationalUnits', 'ou-abcd-12345678,', 'an organizational unit is missing before or after a comma'],
  ['organizationalUnits', 'r-abcd,r-abcd', '`r-abcd` is there twice: name each organizational unit once'],
  [
    'organizationalUnits',
    Array.from({ length: 51 }, (_, i) => `ou-abcd-${i + 10_000_000}`).join(),
    '51 organizational units, and a StackSet takes 50: name one above several of them',
  ],
  ['excludedAccounts', '1111', '`1111` is not the id of an account: write its 12 digits, such as 111122223333'],
  ['excludedAccounts', '1111-2222-3333', 'is not the id of an account'],
  ['excludedAccounts', '1.11122223333e11', 'is not the id of an account'],
  ['excludedAccounts', ',111122223333', 'an account is missing before or after a comma'],
  ['excludedAccounts', '111122223333,111122223333', '`111122223333` is there twice: name each account once'],
  [
    'excludedAccounts',
    someAccounts(51),
    '51 accounts, and at most 50 can be excluded: move them to an organizational unit',
  ],
  ['maxRevocationsPerRun', 'many', '`many` is not a number: write a whole number such as 40, or `unlimited`'],
  ['reportBucket', 'Bad_Bucket', '`Bad_Bucket` is not the name of an S3 bucket'],
  ['reportBucket', 'ab', 'is not the name of an S3 bucket'],
  ['reportBucket', `${LONGEST_BUCKET}a`, 'is not the name of an S3 bucket'],
  ['reportBucket', 'two..dots', 'is not the name of an S3 bucket'],
  ['reportBucket', '-bucket', 'is not the name of an S3 bucket'],
  ['reportBucket', 'bucket-', 'is not the name of an S3 bucket'],
  ['reportBucket', '192.168.5.4', 'is not the name of an S3 bucket'],
  ['reportBucket', 'xn--bucket', 'is not the name of an S3 bucket'],
  ['reportBucket', 'access-point-s3alias', 'is not the name of an S3 bucket'],
  ['reportBucket', 's3://reports/audits', "is not a bucket's name: write the name alone, `reports`"],
  ['reportBucket', 'arn:aws:s3:::reports', 'write the name alone, `reports`'],
  ['alertEmail', 'notamail', '`notamail` is not a mail address: write one such as oncall@example.com'],
  ['alertEmail', 'oncall@localhost', 'is not a mail address'],
  ['alertEmail', '@example.com', 'is not a mail address'],
  ['alertEmail', 'on call@example.com', 'is not a mail address'],
  ['alertEmail', 'Oncall <oncall@example.com>', 'is not a mail address'],
  ['alertEmail', 'a@example.com,b@example.com', 'is more than one address: write one, and subscribe the others'],
];

test('serverless.yml asks for every setting, and for no other', () => {
  const asked = readFileSync('serverless.yml', 'utf8').matchAll(/^ {2}(\w+): \$\{setting:(\w+)\}$/gm);

  expect([...asked].map(([, key, name]) => [key, name])).toEqual(SETTINGS.map(({ name }) => [name, name]));
});

describe('a value that somebody can mean', () => {
  test.each(Object.entries(RIGHT).flatMap(([name, values]) => values.map((value) => [name, value] as const)))(
    'is taken: %s=%s',
    (name, value) => {
      expect(setting(name).check(value, OWN_REGION)).toEqual([]);
    },
  );

  test('is the default of every setting that has one', () => {
    for (const { name, default: value, check } of SETTINGS) {
      if (value !== '') expect(check(value, OWN_REGION), name).toEqual([]);
    }
  });

  test('is known of every setting', () => {
    expect(Object.keys(RIGHT)).toEqual(SETTINGS.map(({ name }) => name));
  });
});

describe('a value that nobody can mean', () => {
  test.each(WRONG)('is refused, with the fix: %s=%s', (name, value, problem) => {
    const problems = setting(name).check(value, OWN_REGION);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem.replaceAll('’', "'"));
  });

  test('is known of every setting', () => {
    expect(new Set(WRONG.map(([name]) => name))).toEqual(new Set(SETTINGS.map(({ name }) => name)));
  });

  test('is refused with everything that is wrong with it', () => {
    expect(setting('regions').check('us-east1,,cn-north-1', OWN_REGION)).toHaveLength(3);
  });

  test('is shown on one line, and not at full length', () => {
    const hostile = `x\n\u001b[31m${'y'.repeat(5000)}`;
    for (const { name, check } of SETTINGS) {
      for (const problem of check(hostile, OWN_REGION)) {
        expect(problem, name).toMatch(/^[ -~]{1,400}$/);
      }
    }
  });

  test('is one of another partition only where the region of the stack is known', () => {
    expect(setting('regions').check('cn-north-1')).toEqual([]);
    expect(setting('regions').check('cn-north-1', 'cn-northwest-1')).toEqual([]);
  });
});

/** How the functions read the settings that reach them in their environment. */
const AT_RUN_TIME: Readonly<Record<string, (value: string) => unknown>> = {
  mode: (value) => readMode({ INGRESS_GUARD_MODE: value }),
  allowlist: (value) => allowlistLocation(readAllowlistLocation({ INGRESS_GUARD_ALLOWLIST: value })),
  regions: (value) => readRegions({ INGRESS_GUARD_REGIONS: value, AWS_REGION: OWN_REGION }),
  maxRevocations: (value) => readMaxRevocations({ INGRESS_GUARD_MAX_REVOCATIONS: value }),
  shared: (value) => readShared({ INGRESS_GUARD_SHARED: value }),
  mixed: (value) => readMixed({ INGRESS_GUARD_MIXED: value }),
};

describe('packaging and the functions', () => {
  const values = [...Object.values(RIGHT).flat(), ...WRONG.map(([, value]) => value)];

  test.each(Object.entries(AT_RUN_TIME))('agree: what packaging takes for %s, the functions take', (name, read) => {
    const taken = values.filter((value) => setting(name).check(value, OWN_REGION).length === 0);

    expect(taken.length).toBeGreaterThan(1);
    for (const value of ['', ...taken])
      expect(
        thrownBy(() => read(value)),
        value,
      ).toBeUndefined();
  });

  test.each(Object.entries(AT_RUN_TIME))('agree: what the functions refuse for %s, packaging refuses', (name, read) => {
    const refused = values.filter((value) => thrownBy(() => read(value)) !== undefined);

    expect(refused.length).toBeGreaterThan(1);
    for (const value of refused) expect(setting(name).check(value, OWN_REGION), value).not.toEqual([]);
  });

  test('agree on what holds without a setting', () => {
    const defaultOf = (name: string) => setting(name).default;

    expect(readMode({})).toBe(defaultOf('mode'));
    expect(`${readMaxRevocations({})}`).toBe(defaultOf('maxRevocations'));
    expect(readShared({})).toBe(defaultOf('shared'));
    expect(readMixed({})).toBe(defaultOf('mixed'));
    expect(readRegions({ AWS_REGION: OWN_REGION })).toEqual([OWN_REGION]);
  });
});

test('an organization is refused where no StackSet can reach it', () => {
  const [problem] = setting('organization').check('o-abcde12345', 'cn-north-1');

  expect(problem).toContain(
    'StackSets cannot deploy to an organization in the partition aws-cn: deploy a stack in each',
  );
});
