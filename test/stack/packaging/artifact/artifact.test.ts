import { describe, expect, test } from 'vitest';
import { findForeignSettings, optionsOf } from '../../../../stack/packaging/artifact/artifact.ts';
import { readSettingsFile } from '../../../../stack/packaging/settings/settings-file.ts';

const findIn = (text: string) => findForeignSettings(readSettingsFile(text));

describe('what settings.yml of the checkout says', () => {
  test.each([
    ['default', 'organization: o-abcde12345'],
    ['prod', 'organizationalUnits: r-abcd'],
    ['prod', 'excludedAccounts: 111122223333'],
    ['prod', 'reportBucket: mine-alone'],
  ])('keeps the artifact from being made if everyone would get it: %s, %s', (section, setting) => {
    expect(findIn(`${section}:\n  ${setting}\n`)).toEqual([
      `settings.yml:2:3: ${section}.${setting.split(':')[0]}: everyone who deploys the artifact would get it: take it out of settings.yml for now`,
    ]);
  });

  test('has no say in what the artifact has a parameter for, nor does another stage', () => {
    const others = ['mode: enforce', 'regions: eu-west-1', 'alertEmail: me@example.com', 'chat: true', 'tracing: true'];

    expect(findIn(`prod:\n  ${others.join('\n  ')}\ntest:\n  reportBucket: mine-alone\n`)).toEqual([]);
    for (const setting of others) {
      const [name = ''] = setting.split(':');
      const given = optionsOf({ region: 'us-east-1', settings: {} }).filter((one) =>
        one.startsWith(`--param=${name}=`),
      );
      expect(given, name).toHaveLength(1);
    }
  });
});
