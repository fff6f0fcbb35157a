import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SETTINGS } from '../../stack/packaging/settings/definitions.ts';
import { resolveSettings } from '../../stack/packaging/settings/resolve-settings.ts';
import { readSettingsFile } from '../../stack/packaging/settings/settings-file.ts';
import { summarize } from '../../stack/packaging/settings/summary.ts';
import { blocksOf, tableUnder } from '../support/tools/markdown.ts';

const PAGE = readFileSync('docs/reference/settings.md', 'utf8');
const PROD = { stage: 'prod', region: 'us-east-1', regionFrom: '--region', longestStage: 17 };

/** The file on the page. */
const file = () => readSettingsFile(blocksOf(PAGE).find(({ language }) => language === 'yaml')?.text ?? '');

test('settings.md says of every setting what its definition says', () => {
  const shown = tableUnder(PAGE, '## Settings of a stack');

  expect(shown.map(([name, otherwise]) => [name, otherwise])).toEqual(
    SETTINGS.map(({ name, defaultWords }) => [`\`${name}\``, defaultWords]),
  );
  for (const [at, { means }] of SETTINGS.entries()) expect(shown[at]?.[2]?.startsWith(means), means).toBe(true);
});

test('settings.md has no settings that packaging refuses', () => {
  expect(resolveSettings(PROD, [], file()).problems).toEqual([]);
});

test('settings.md shows the summary as packaging prints it', () => {
  const { settings } = resolveSettings(PROD, ['maxRevocations=40'], file());
  const allowlist = { file: 'allowlist.yaml', rules: 2 };

  const summary = summarize(settings, { ...PROD, allowlist, sections: ['default', 'prod'] });

  const [, shown = ''] = /^```\n(Settings of stage [\s\S]*?)\.\.\.\n```$/m.exec(PAGE) ?? [];
  expect(shown).toContain('maxRevocations');
  expect(summary.startsWith(shown)).toBe(true);
});
