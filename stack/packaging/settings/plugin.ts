import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAllowlistFile } from '../../../src/allowlist/allowlist-file.ts';
import { AllowlistError } from '../../../src/allowlist/loaded-allowlist.ts';
import { packagedAllowlistFile } from '../esbuild-plugins.ts';
import type { PackagedAllowlist } from './definitions.ts';
import { longestStage, resolveSettings } from './resolve-settings.ts';
import { readSettingsFile, SETTINGS_FILE, type SettingsFile } from './settings-file.ts';
import { summarize } from './summary.ts';

/**
 * The commands that make, or show, what is deployed: settings that are wrong stop them. No other command is stopped, above
 * all not `remove`.
 */
const CHECKED = ['package', 'deploy', 'deploy function', 'print'];

/** The Serverless Framework, as far as it is used here. */
interface Serverless {
  readonly serviceDir: string;
  readonly processedInput: {
    readonly command: string;
    readonly isHelpRequest: boolean;
    readonly options: {
      readonly param?: readonly (string | null)[];
      readonly region?: string;
      readonly package?: string;
    };
  };
  /** serverless.yml, with stage and region known, and settings not yet. */
  readonly configurationInput: {
    readonly service: string;
    readonly provider: { readonly stage: string; readonly region: string };
    readonly functions: object;
  };
  /** Its `Error` is one that it shows without a stack trace. */
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
}
interface Logging {
  readonly log: { notice(text?: string): void };
}

/**
 * A plugin of the Serverless Framework: gives every `${setting:…}` of serverless.yml its value, from `--param`, settings.yml
 * or the setting's default; stops what packages or deploys if a setting is wrong; and says which settings were packaged.
 */
export default class SettingsPlugin {
  readonly hooks: Readonly<Record<string, () => void>>;
  /** Not the framework's own `param`: that one stops every command, `remove` too, at a `--param` that it cannot read. */
  readonly configurationVariablesSources = {
    setting: { resolve: ({ address }: { readonly address: string }) => ({ value: this.#values.get(address) ?? null }) },
  };
  readonly #serverless: Serverless;
  readonly #log: Logging['log'];
  readonly #values = new Map<string, string>();
  #summary = '';

  constructor(serverless: Serverless, _options: unknown, { log }: Logging) {
    this.#serverless = serverless;
    this.#log = log;
    this.hooks = {
      'after:package:finalize': () => this.#say(this.#summary),
      'after:deploy:function:packageFunction': () => {
        this.#say(this.#summary);
        this.#say('Note: this changes one function. Its role, and the other functions, stay as they were deployed.');
      },
      'before:deploy:deploy': () => {
        if (this.#deploysPackage) this.#say('The settings are those with which this package was made.');
      },
    };
  }

  /**
   * Runs before any setting is looked up.
   *
   * @throws the Serverless Framework's own error, with every problem and its fix, in a command that is checked.
   */
  async asyncInit(): Promise<void> {
    const { serviceDir, configurationInput, processedInput, classes } = this.#serverless;
    const { isHelpRequest, command, options } = processedInput;
    if (isHelpRequest) return;
    const { service, functions, provider } = configurationInput;
    const { stage, region } = provider;
    const params = options.param ?? [];

    const file = await readFile(join(serviceDir, SETTINGS_FILE), 'utf8').then(readSettingsFile, cannotBeRead);
    const stack = {
      stage,
      region,
      regionFrom: whatNames(options),
      longestStage: longestStage(service, Object.keys(functions)),
    };
    const { settings, problems } = resolveSettings(stack, params, file);
    for (const { setting, value } of settings) this.#values.set(setting.name, value);
    this.#values.set('allowlistSha256', '');
    if (!CHECKED.includes(command)) return;

    const { allowlist, sha256, problem } = await readPackagedAllowlist();
    this.#values.set('allowlistSha256', sha256);
    const found = this.#deploysPackage ? refuseParams(params) : [...problems, ...problem];
    if (found.length > 0) throw new classes.Error(describe(found), 'INGRESS_GUARD_SETTINGS');
    this.#summary = summarize(settings, { stage, region, allowlist, sections: [...file.sections.keys()] });
  }

  /** Whether what an earlier `package` made is deployed, with the settings of then. */
  get #deploysPackage(): boolean {
    const { command, options } = this.#serverless.processedInput;
    return command === 'deploy' && options.package !== undefined;
  }

  #say(text: string): void {
    this.#log.notice();
    this.#log.notice(text);
  }
}

function cannotBeRead({ code }: NodeJS.ErrnoException): SettingsFile {
  const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
  const fix = 'restore it with `git checkout settings.yml`, or write one with `default: {}`';
  return { sections: new Map(), problems: [`settings.yml: ${why}: ${fix}`] };
}

/** What names the region of the stack: the same order as in serverless.yml. */
function whatNames({ region }: { readonly region?: string }): string {
  if (region !== undefined) return '--region';
  return process.env.AWS_REGION === undefined ? 'AWS_DEFAULT_REGION' : 'AWS_REGION';
}

async function readPackagedAllowlist(): Promise<{
  allowlist: PackagedAllowlist;
  sha256: string;
  problem: readonly string[];
}> {
  const file = packagedAllowlistFile();
  try {
    const { allowlist, sha256 } = await readAllowlistFile(file);
    return { allowlist: { file, rules: allowlist.rules.length }, sha256, problem: [] };
  } catch (error) {
    if (!(error instanceof AllowlistError)) throw error;
    const fix = /^(?:ssm|appconfig):/.test(file)
      ? `: it must be a file. Set allowlist to ${file} in settings.yml, and unset INGRESS_GUARD_ALLOWLIST`
      : ': write that file, or name another in INGRESS_GUARD_ALLOWLIST';
    return {
      allowlist: { file, rules: 0 },
      sha256: '',
      problem: [`${error.message}${error.problems.length > 0 ? '' : fix}`],
    };
  }
}

function refuseParams(params: readonly (string | null)[]): string[] {
  if (params.length === 0) return [];
  return [
    '--param: a package is deployed with the settings with which it was made: give --param to `serverless package`',
  ];
}

function describe(problems: readonly string[]): string {
  const list = problems.map((problem) => `- ${problem.replaceAll('\n', '\n  ')}`);
  return [
    'Nothing was packaged or deployed, because settings are wrong:',
    '',
    ...list,
    '',
    'What each setting means: docs/reference/settings.md.',
  ].join('\n');
}
