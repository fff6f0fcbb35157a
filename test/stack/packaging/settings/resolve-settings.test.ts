import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SETTINGS } from '../../../../stack/packaging/settings/definitions.ts';
import { longestStage, resolveSettings } from '../../../../stack/packaging/settings/resolve-settings.ts';
import { readSettingsFile } from '../../../../stack/packaging/settings/settings-file.ts';

const PROD = { stage: 'prod', region: 'us-east-1', regionFrom: '--region', longestStage: 17 };

function resolve(params: readonly (string | null)[], file = '', stack = PROD) {
  const { settings, problems } = resolveSettings(stack, params, readSettingsFile(file));
  const of = (name: string) => {
    const { value, from } = settings.find(({ setting }) => setting.name === name) ?? {};
    return [value, from];
  };
  return { of, problems, names: settings.map(({ setting }) => setting.name) };
}

describe('a setting', () => {
  const FILE = 'default:\n  mode: enforce\n  shared: revoke\nprod:\n  shared: hold\n';

  test('has the value of --param before that of any section', () => {
    expect(resolve(['mode=report-only', 'shared=revoke'], FILE).of('mode')).toEqual(['report-only', '--param']);
    expect(resolve(['mode=report-only', 'shared=revoke'], FILE).of('shared')).toEqual(['revoke', '--param']);
  });

  test('has the value of its stage’s section before that of the section default', () => {
    expect(resolve([], FILE).of('shared')).toEqual(['hold', 'settings.yml, prod']);
    expect(resolve([], FILE, { ...PROD, stage: 'dev' }).of('shared')).toEqual(['revoke', 'settings.yml, default']);
  });

  test('has the value of the section default before its own default', () => {
    expect(resolve([], FILE).of('mode')).toEqual(['enforce', 'settings.yml, default']);
  });

  test('has its own default where nothing sets it', () => {
    expect(resolve([], FILE).of('maxRevocations')).toEqual(['10', 'built-in default']);
    expect(resolve([], FILE).of('alertEmail')).toEqual(['', 'built-in default']);
  });

  test('has a value, whichever it is and whatever is written', () => {
    const { names, of } = resolve(['mode=x', 'mod=y', 'z'], 'prod:\n  regions: 5\n  shared: maybe\n');

    expect(names).toEqual(SETTINGS.map(({ name }) => name));
    expect(of('regions')).toEqual(['', 'built-in default']);
    expect(of('shared')).toEqual(['hold', 'built-in default']);
  });

  test('may hold an equals sign', () => {
    expect(resolve(['alertEmail=on=call@example.com']).of('alertEmail')).toEqual(['on=call@example.com', '--param']);
  });
});

describe('what is wrong', () => {
  test.each([
    ['mod=enforce', '--param=mod: there is no setting `mod`: did you mean `mode`?'],
    ['MODE=enforce', '--param=MODE: there is no setting `MODE`: did you mean `mode`?'],
    [' mode=enforce', '--param= mode: there is no setting ` mode`: did you mean `mode`?'],
    [
      'max-revocations=5',
      '--param=max-revocations: there is no setting `max-revocations`: did you mean `maxRevocations`?',
    ],
    [
      'email=a@example.com',
      '--param=email: there is no setting `email`: the settings are mode, allowlist, regions, organization, organizationalUnits, excludedAccounts, maxRevocations, maxRevocationsPerRun, shared, mixed, reportBucket, securityHub, alertEmail, chat, tracing',
    ],
    ['__proto__=x', '--param=__proto__: there is no setting `__proto__`'],
    ['mode', '--param=mode: has no value: write one, or leave the setting out (default: `report-only`)'],
    ['mode=', '--param=mode: has no value: write one, or leave the setting out (default: `report-only`)'],
    ['alertEmail=', '--param=alertEmail: has no value: write one, or leave the setting out (default: none)'],
    ['enforce', '--param=enforce: there is no setting `enforce`: the settings are mode,'],
    ['=enforce', '--param: names no setting: write --param=NAME=VALUE'],
    ['', '--param: names no setting: write --param=NAME=VALUE'],
    [null, '--param: names no setting: write --param=NAME=VALUE'],
    ['mode= enforce', '--param=mode: ` enforce` has white space around it: write `enforce`'],
    ['mode=enforce ', '--param=mode: `enforce ` has white space around it: write `enforce`'],
    ['mode=enforce\n', '--param=mode: `enforce?` has white space around it: write `enforce`'],
    [`allowlist=appconfig:a/\${env:STAGE}/c`, 'holds a variable, and these are not looked up here: write the value'],
    ['mode=Enforce', '--param=mode: `Enforce` is neither `report-only` nor `enforce`: did you mean `enforce`?'],
  ])('with a parameter is said with the fix: %j', (param, problem) => {
    const { problems } = resolve([param]);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  test('is a parameter that is there twice, also with one value', () => {
    expect(resolve(['mode=enforce', 'mode=report-only']).problems).toEqual([
      '--param=mode: is there twice, with `enforce` and `report-only`: keep one',
    ]);
    expect(resolve(['mode=enforce', 'mode=enforce']).problems).toHaveLength(1);
  });

  test.each([
    ['feature-checkout-redesign-1234', 'a stage has at most 17 characters, and this one has 30: shorten it'],
    ['a'.repeat(18), 'a stage has at most 17 characters, and this one has 18: shorten it'],
    ['feature_x', 'a stage has letters, digits and hyphens only: leave out the others'],
    ['prod/eu', 'a stage has letters, digits and hyphens only'],
  ])('is a stage that AWS refuses: %s', (stage, problem) => {
    expect(resolve([], '', { ...PROD, stage }).problems).toEqual([
      expect.stringContaining(`--stage ${stage}: ${problem}`),
    ]);
  });

  test('is no stage that is as long as it may be', () => {
    expect(resolve([], '', { ...PROD, stage: 'a'.repeat(17) }).problems).toEqual([]);
  });

  test('is a region that does not exist', () => {
    expect(resolve([], '', { ...PROD, region: 'us-east1' }).problems).toEqual([
      '--region: `us-east1` is not the name of a region: did you mean `us-east-1`?',
    ]);
    expect(resolve([], '', { ...PROD, region: '', regionFrom: 'AWS_REGION' }).problems).toHaveLength(1);
  });

  test('with the file is said with its place, also of another stage’s section', () => {
    const file = 'default:\n  mod: enforce\ndev:\n  mode: Enforce\nfeature-checkout-redesign:\n  shared: hold\n';

    expect(resolve([], file).problems).toEqual([
      'settings.yml:2:3: default.mod: there is no setting `mod`: did you mean `mode`?',
      'settings.yml:4:3: dev.mode: `Enforce` is neither `report-only` nor `enforce`: did you mean `enforce`?',
      expect.stringContaining('settings.yml: feature-checkout-redesign: a stage has at most 17 characters'),
    ]);
  });

  test('is a region of another partition in what applies, and not in what another stage has', () => {
    const file = 'default:\n  regions: cn-north-1\nchina:\n  regions: cn-north-1,cn-northwest-1\n';

    expect(resolve([], file).problems).toHaveLength(1);
    expect(resolve([], `${file}prod:\n  regions: eu-west-1\n`).problems).toEqual([]);
    expect(resolve([], file, { ...PROD, stage: 'china', region: 'cn-north-1' }).problems).toEqual([]);
  });

  test('is said all at once, each thing once', () => {
    const { problems } = resolve(['mod=enforce', 'mode=Enforce', 'shared'], 'prod:\n  tracing: yes\n', {
      ...PROD,
      stage: 'a-stage-that-is-too-long',
      region: 'nowhere',
    });

    expect(problems).toHaveLength(6);
    expect(new Set(problems).size).toBe(6);
  });
});

describe('the settings of an organization', () => {
  const UNITS = 'organizationalUnits=ou-abcd-12345678';

  test('go together', () => {
    const { of, problems } = resolve(['organization=o-abcde12345', UNITS, 'excludedAccounts=111122223333']);

    expect(problems).toEqual([]);
    expect(of('organization')).toEqual(['o-abcde12345', '--param']);
  });

  test.each([
    [['organization=o-abcde12345'], '--param: organization names no accounts: write organizationalUnits, such as'],
    [[UNITS], '--param: organizationalUnits is for an organization: write organization, such as o-abcde12345'],
    [['excludedAccounts=111122223333'], '--param: excludedAccounts is for an organization: write organization'],
  ])('are refused where one is missing that the others need: %j', (params, problem) => {
    const { problems } = resolve(params);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  test('are not said to be missing where one is there and wrong', () => {
    const { problems } = resolve(['organization=o-x', UNITS]);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('is not the id of an organization');
  });

  test('are refused in China, for the region of the stack', () => {
    const { problems } = resolve(['organization=o-abcde12345', UNITS], '', { ...PROD, region: 'cn-north-1' });

    expect(problems.join()).toContain('StackSets cannot deploy to an organization in the partition aws-cn');
  });
});

describe('the longest stage', () => {
  test('leaves 64 characters for the longest function’s name', () => {
    const { service, functions } = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'error' });
    const longest = longestStage(service, Object.keys(functions));

    const names = Object.keys(functions).map((name) => `${service}-${'s'.repeat(longest)}-${name}`);
    expect(longest).toBe(17);
    expect(Math.max(...names.map(({ length }) => length))).toBe(64);
  });
});

describe('the settings file of the checkout', () => {
  const text = readFileSync('settings.yml', 'utf8');

  test('is valid, and reports only', () => {
    const { problems, of } = resolve([], text);

    expect(problems).toEqual([]);
    expect(of('mode')).toEqual(['report-only', 'settings.yml, prod']);
  });

  test('shows every setting, with a value that it takes once the # in front of it is gone', () => {
    const { problems, names, of } = resolve([], text.replace(/^ {2}# (\w+: \S+)$/gm, '  $1'));

    expect(problems).toEqual([]);
    expect(names.filter((name) => of(name)[1] !== 'settings.yml, prod')).toEqual([]);
  });
});
