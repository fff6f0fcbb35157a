import { describe, expect, test } from 'vitest';
import { readSettingsFile } from '../../../../stack/packaging/settings/settings-file.ts';

function valuesIn(text: string): unknown {
  const { sections, problems } = readSettingsFile(text);
  expect(problems).toEqual([]);
  return Object.fromEntries(
    [...sections].map(([section, settings]) => [
      section,
      Object.fromEntries([...settings].map(([name, { value }]) => [name, value])),
    ]),
  );
}

describe('a settings file', () => {
  test('gives the settings of each section, as they are written', () => {
    const text = `
default:
  mode: report-only
prod:
  maxRevocations: 1e3
  tracing: true
  shared: yes
  alertEmail: "oncall@example.com"
  reportBucket: 'my-reports'
  regions: 010
`;

    expect(valuesIn(text)).toEqual({
      default: { mode: 'report-only' },
      prod: {
        maxRevocations: '1e3',
        tracing: 'true',
        shared: 'yes',
        alertEmail: 'oncall@example.com',
        reportBucket: 'my-reports',
        regions: '010',
      },
    });
  });

  test.each([
    ['nothing', '', {}],
    ['comments', '# default:\n', {}],
    ['an empty mapping', 'default: {}\n', { default: {} }],
    ['a section with comments only', 'prod:\n  # mode: enforce\n', { prod: {} }],
  ])('may hold %s', (_, text, values) => {
    expect(valuesIn(text)).toEqual(values);
  });

  test('gives a setting without a value as an empty one, which nobody can mean', () => {
    expect(valuesIn('prod:\n  mode:\n  shared: ~\n  tracing: ""\n')).toEqual({
      prod: { mode: '', shared: '', tracing: '' },
    });
  });

  test('says of each setting where it is', () => {
    const { sections } = readSettingsFile('default: {}\nprod:\n  mode: enforce\n');

    expect(sections.get('prod')?.get('mode')?.where).toBe('settings.yml:3:3: prod.mode');
  });

  test.each([
    [
      'mode: enforce\n',
      "settings.yml:1:1: mode is no section: put settings under default: or a stage's name, indented",
    ],
    ['- mode\n', "settings.yml: holds no sections: write default: or a stage's name, with settings under it"],
    [
      'prod:\n  regions: [us-east-1, eu-west-1]\n',
      'settings.yml:2:3: prod.regions: is a list or a mapping: write one value, such as us-east-1,eu-west-1 for regions',
    ],
    ['prod:\n  mode: a\n  mode: b\n', 'settings.yml:3:3: this name is there twice: keep one of the two'],
    ['prod: {}\nprod: {}\n', 'settings.yml:2:1: this name is there twice: keep one of the two'],
    ['prod: {}\n---\nprod: {}\n', 'settings.yml:2:1: a second document begins here: put all sections into one'],
    ['a: &a { mode: enforce }\nb: *a\n', 'settings.yml:2:1: b is no section'],
    ['prod:\n\tmode: enforce\n', 'settings.yml:2:1: this is not YAML that can be read'],
    ['prod:\n  mode: "enforce\n', 'settings.yml:3:1: this is not YAML that can be read'],
    ['prod:\n  mode: !!js/function "x"\n', 'settings.yml:2:9: this is not YAML that can be read'],
  ])('is refused with place and fix: %j', (text, problem) => {
    const { problems } = readSettingsFile(text);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  test('names every place where it is wrong', () => {
    expect(readSettingsFile('mode: enforce\nprod:\n  regions: []\n  shared: {}\n').problems).toHaveLength(3);
  });
});
