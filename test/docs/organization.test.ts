import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { resolveSettings } from '../../stack/packaging/settings/resolve-settings.ts';
import { readSettingsFile } from '../../stack/packaging/settings/settings-file.ts';
import { blocksOf, codesIn, tableUnder } from '../support/tools/markdown.ts';

const PAGE = readFileSync('docs/how-to/organization.md', 'utf8');
/** Two parts of the page of alarms. */
const [, ALARMS = '', ALARMS_OF_SETTINGS = ''] = readFileSync('docs/how-to/alarms.md', 'utf8').split(
  /^## Alarms of (?:an organization|settings)\n/m,
);
const COST = readFileSync('docs/reference/cost.md', 'utf8').replace(/[\s\S]*^## An organization\n/m, '');
const BLOCKS = blocksOf(PAGE);
const PROD = { stage: 'prod', region: 'us-east-1', regionFrom: '--region', longestStage: 17 };

interface Part {
  readonly Resources?: Readonly<Record<string, { readonly Type: string }>>;
  readonly Outputs?: object;
}
/** What the Serverless Framework asks the files of the stack with. */
interface Context {
  resolveVariable(name: string): Promise<string>;
  resolveConfigurationProperty(path: readonly string[]): Promise<object>;
}

/** A part of the stack, by the settings of the page or without an organization. */
async function partOf(file: string, settings: Readonly<Record<string, string>>): Promise<Part> {
  const make = createRequire(import.meta.url)(`../../stack/${file}.cjs`) as (context: Context) => Promise<Part>;
  return make({
    resolveVariable: async (name) => settings[name.replace('self:custom.', '')] ?? '',
    resolveConfigurationProperty: async () => ({}),
  });
}

const [written] = BLOCKS.filter(({ language }) => language === 'yaml');
const { settings, problems } = resolveSettings(PROD, [], readSettingsFile(written?.text ?? ''));
const ofThePage = Object.fromEntries(settings.map(({ setting, value }) => [setting.name, value]));

let alarms: string[];
let alarmsOfSettings: string[];
let outputs: string[];
beforeAll(async () => {
  const [alone, together] = [await partOf('alarms', {}), await partOf('alarms', ofThePage)];
  alarms = Object.keys(together.Resources ?? {}).filter((id) => alone.Resources?.[id] === undefined);
  const withSettings = await partOf('alarms', { securityHub: 'true' });
  alarmsOfSettings = Object.keys(withSettings.Resources ?? {}).filter((id) => alone.Resources?.[id] === undefined);
  outputs = Object.keys((await partOf('organization', ofThePage)).Outputs ?? {});
});

function expectEntries(page: string, names: readonly string[]): void {
  const entries = [...page.matchAll(/^### `(\w+Alarm)`\n([\s\S]*?)(?=^#|$(?![\s\S]))/gm)];
  expect(entries.map(([, name]) => name).sort()).toEqual([...names].sort());
  for (const [, name, text = ''] of entries) {
    expect(
      text.match(/^- \*\*[^*]*\*\* \S/gm)?.map((part) => part.slice(4, -5)),
      name,
    ).toEqual(['Means', 'Look at', 'Do']);
  }
}

describe('the page of an organization', () => {
  test('has an entry for each alarm that an organization adds: what it means, what to look at, what to do', () => {
    expect(alarms).toHaveLength(3);
    expectEntries(ALARMS, alarms);
  });

  test('has, after these, an entry for each alarm that another setting adds', () => {
    expect(alarmsOfSettings).toEqual(['SecurityHubAlarm']);
    expectEntries(ALARMS_OF_SETTINGS, alarmsOfSettings);
  });

  test('has each of these alarms in the table of alarms, too', () => {
    const rows = tableUnder(readFileSync('docs/reference/metrics.md', 'utf8'), '## Alarms');
    const named = rows.flatMap(([names = '']) => (names.endsWith('in a hub') ? codesIn(names) : []));
    const ofSettings = rows.flatMap(
      ([names = '']) => names.split(', with the setting')[1] && codesIn(names).slice(0, 1),
    );

    expect(named.sort()).toEqual(alarms.sort());
    expect(ofSettings.filter(Boolean)).toEqual(alarmsOfSettings);
  });

  test('shows settings that packaging takes', () => {
    expect(problems).toEqual([]);
    expect(ofThePage).toMatchObject({ organization: 'o-abcde12345', excludedAccounts: '111122223333' });
  });

  test('asks for no output that the hub does not have', () => {
    const asked = [...PAGE.matchAll(/OutputKey=='(\w+)'|the\s+output `(\w+)`/g)].map(
      ([, query, named]) => query ?? named,
    );

    expect(asked.length).toBeGreaterThan(2);
    for (const name of asked) expect(outputs).toContain(name);
  });

  test('adds up what a month costs', () => {
    const rows = [...COST.matchAll(/^\| .* \| \$?(\d+\.\d\d) \|$/gm)].map(([, price]) => Number(price));
    const [, total] = /Together \*\*about \$(\d+)\*\*/.exec(COST) ?? [];

    expect(rows.length).toBeGreaterThan(5);
    expect(Math.abs(rows.reduce((sum, one) => sum + one, 0) - Number(total))).toBeLessThan(2);
  });
});

test('the parts of an organization are empty without the setting', async () => {
  expect(await partOf('organization', {})).toEqual({});
  expect(await partOf('organization-functions', {})).toEqual({ eventBus: 'default' });
});
