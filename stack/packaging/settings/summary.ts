import { splitRegions } from '../../../handlers/shared/settings.ts';
import { didYouMean } from '../../../src/allowlist/did-you-mean.ts';
import type { Surroundings } from './definitions.ts';
import type { ResolvedSetting } from './resolve-settings.ts';
import { SETTINGS_FILE } from './settings-file.ts';

/** What was packaged, for the person who packages. */
export interface Packaged extends Surroundings {
  readonly stage: string;
  /** The sections of the settings file. */
  readonly sections: readonly string[];
}

/** How the two modes differ: a sentence of each. */
const MODE_WORDS: Readonly<Record<string, string>> = {
  'report-only': 'a denied grant is reported as would-revoke; no function has the permission to revoke.',
  enforce: 'a denied grant is revoked, a new one within seconds, an existing one by the hourly audit.',
};

/** The settings that were packaged, each with where it comes from, what the modes do, and what may surprise. */
export function summarize(settings: readonly ResolvedSetting[], packaged: Packaged): string {
  const valueFor = (name: string): string => settings.find(({ setting }) => setting.name === name)?.value ?? '';
  const rows = settings.map(({ setting, value, from }) => [setting.name, setting.words(value, packaged), from]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const mode = valueFor('mode');
  return [
    `Settings of stage ${packaged.stage} in ${packaged.region}`,
    ...rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`),
    '',
    ...Object.entries(MODE_WORDS).map(([one, words]) => `${one}${one === mode ? ' (in force)' : ''}: ${words}`),
    ...surprises(valueFor, packaged).map((surprise) => `Note: ${surprise}`),
  ].join('\n');
}

/** What someone might not expect of these settings, each in a sentence. */
function surprises(valueFor: (name: string) => string, { stage, region, sections, allowlist }: Packaged): string[] {
  const regions = valueFor('regions');
  const other = didYouMean(
    stage,
    sections.filter((section) => section !== 'default'),
  );
  return [
    ...(sections.includes(stage)
      ? []
      : [
          `${SETTINGS_FILE} has no section ${stage}${other === undefined ? '.' : `: did you mean the stage ${other}?`}`,
        ]),
    ...(regions === '' || splitRegions(regions).includes(region)
      ? []
      : [`audits do not look at ${region}, the stack's own region.`]),
    ...(valueFor('maxRevocations') === '0' ? ['with maxRevocations 0 an audit revokes nothing.'] : []),
    ...(valueFor('allowlist') === '' && allowlist.rules === 0
      ? [`${allowlist.file} has no allowlist rule, so every grant is denied.`]
      : []),
  ];
}
