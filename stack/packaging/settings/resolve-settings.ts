import { didYouMean } from '../../../src/allowlist/did-you-mean.ts';
import { printable, quote } from '../../../src/policy/quote.ts';
import { checkRegion, SETTINGS, type Setting } from './definitions.ts';
import { SETTINGS_FILE, type SettingsFile, type Written } from './settings-file.ts';

/** The stack that is to be made. */
export interface Stack {
  readonly stage: string;
  readonly region: string;
  /** What names the region, for messages: `--region`, `AWS_REGION`. */
  readonly regionFrom: string;
  /** The most characters that a stage may have: see `longestStage`. */
  readonly longestStage: number;
}

/** A setting and the value that applies. */
export interface ResolvedSetting {
  readonly setting: Setting;
  /** As text, whatever it is written as; empty if there is none. */
  readonly value: string;
  /** Where the value comes from, for people. */
  readonly from: string;
}

/** Lambda API Reference, CreateFunction: the name of a function. */
const LONGEST_FUNCTION_NAME = 64;

/** How many characters a stage can have, so that every function's name, SERVICE-STAGE-FUNCTION, is one that Lambda takes. */
export function longestStage(service: string, functions: readonly string[]): number {
  return LONGEST_FUNCTION_NAME - Math.max(...functions.map((name) => `${service}--${name}`.length));
}

/**
 * Finds the value of every setting: what `--param` says, else the section of the stage in the settings file, else its
 * section `default`, else the setting's own default.
 *
 * @param params what follows each `--param`, as the Serverless Framework gives it; null where nothing follows.
 * @returns a value for every setting, its default where what is written is wrong, and every problem with its fix: of the
 * stage, the region, the parameters and all sections of the file. Never throws.
 */
export function resolveSettings(
  stack: Stack,
  params: readonly (string | null)[],
  file: SettingsFile,
): { readonly settings: readonly ResolvedSetting[]; readonly problems: readonly string[] } {
  const given = readParams(params);
  const sources = new Map<string, ReadonlyMap<string, Written> | undefined>([
    ['--param', given.params],
    [`${SETTINGS_FILE}, ${stack.stage}`, file.sections.get(stack.stage)],
    [`${SETTINGS_FILE}, default`, file.sections.get('default')],
  ]);
  const problems = new Set([
    ...checkStage(stack.stage, `--stage ${printable(stack.stage, 64)}`, stack.longestStage),
    ...checkRegion(stack.region).map((problem) => `${stack.regionFrom}: ${problem}`),
    ...given.problems,
    ...problemsOf(given.params),
    ...file.problems,
    ...[...file.sections].flatMap(([section, settings]) => [
      ...(section === 'default'
        ? []
        : checkStage(section, `${SETTINGS_FILE}: ${printable(section, 64)}`, stack.longestStage)),
      ...problemsOf(settings),
    ]),
  ]);
  const settings = SETTINGS.map((setting): ResolvedSetting => {
    const [from, written] = [...sources].find(([, settings]) => settings?.has(setting.name)) ?? [];
    const value = written?.get(setting.name);
    if (from === undefined || value === undefined) return { setting, value: setting.default, from: BUILT_IN };
    // Of another stage's value it is not known whether it fits its region.
    const wrong = problemsWith(setting, value, stack.region);
    for (const problem of wrong) problems.add(problem);
    return wrong.length > 0
      ? { setting, value: setting.default, from: BUILT_IN }
      : { setting, value: value.value, from };
  });
  return { settings, problems: problems.size > 0 ? [...problems] : problemsTogether(settings) };
}

/** What is wrong with settings that need each other. */
function problemsTogether(settings: readonly ResolvedSetting[]): string[] {
  const find = (name: string) => settings.find(({ setting }) => setting.name === name);
  const organization = find('organization');
  if (organization?.value) {
    if (find('organizationalUnits')?.value) return [];
    return [
      `${organization.from}: organization names no accounts: write organizationalUnits, such as ou-abcd-12345678, or the id of the root, r-abcd, for all`,
    ];
  }
  return ['organizationalUnits', 'excludedAccounts'].flatMap((name) => {
    const one = find(name);
    if (!one?.value) return [];
    return [`${one.from}: ${name} is for an organization: write organization, such as o-abcde12345, or leave it out`];
  });
}

const BUILT_IN = 'built-in default';

function readParams(params: readonly (string | null)[]): { params: Map<string, Written>; problems: string[] } {
  const read = new Map<string, Written>();
  const problems: string[] = [];
  for (const param of params) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(param ?? '') ?? [];
    const where = `--param=${printable(name, 64)}`;
    const earlier = read.get(name);
    if (name === '') problems.push('--param: names no setting: write --param=NAME=VALUE');
    else if (earlier === undefined) read.set(name, { value, where });
    else problems.push(`${where}: is there twice, with ${quote(earlier.value)} and ${quote(value)}: keep one`);
  }
  return { params: read, problems };
}

/** What is wrong with settings that someone wrote. */
function problemsOf(settings: ReadonlyMap<string, Written>): string[] {
  return [...settings].flatMap(([name, written]) => {
    const setting = SETTINGS.find((known) => known.name === name);
    if (setting !== undefined) return problemsWith(setting, written);
    const names = SETTINGS.map((known) => known.name);
    const nearest = didYouMean(name, names);
    const fix = nearest === undefined ? `the settings are ${names.join(', ')}` : `did you mean \`${nearest}\`?`;
    return [`${written.where}: there is no setting ${quote(name)}: ${fix}`];
  });
}

function problemsWith(setting: Setting, { value, where }: Written, region?: string): string[] {
  if (value === '')
    return [`${where}: has no value: write one, or leave the setting out (default: ${setting.defaultWords})`];
  if (value !== value.trim())
    return [`${where}: ${quote(value)} has white space around it: write ${quote(value.trim())}`];
  if (value.includes('${'))
    return [`${where}: ${quote(value)} holds a variable, and these are not looked up here: write the value`];
  return setting.check(value, region).map((problem) => `${where}: ${problem}`);
}

// Characters: CloudFormation API Reference, CreateStack, StackName.
function checkStage(stage: string, where: string, longest: number): string[] {
  if (!/^[A-Za-z0-9-]+$/.test(stage))
    return [`${where}: a stage has letters, digits and hyphens only: leave out the others`];
  if (stage.length <= longest) return [];
  const why = 'its name is part of the names of the functions';
  return [`${where}: a stage has at most ${longest} characters, and this one has ${stage.length}: shorten it (${why})`];
}
