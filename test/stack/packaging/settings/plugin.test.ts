import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { SETTINGS } from '../../../../stack/packaging/settings/definitions.ts';
import SettingsPlugin from '../../../../stack/packaging/settings/plugin.ts';
import { folderWith } from '../../../support/tools/folder.ts';

class FrameworkError extends Error {}

interface Asked {
  readonly command?: string;
  readonly options?: {
    readonly param?: readonly (string | null)[];
    readonly region?: string;
    readonly package?: string;
  };
  readonly isHelpRequest?: boolean;
  /** The settings file; none if it is undefined, and a folder in its place if it is null. */
  readonly file?: string | undefined | null;
  readonly allowlist?: string;
}

/** Runs the plugin as the Serverless Framework does, up to the end of packaging; gives the settings and all that it said. */
async function run(asked: Asked): Promise<{ values: Record<string, string | null>; said: string }> {
  const { command = 'package', options = {}, isHelpRequest = false, allowlist } = asked;
  const file = 'file' in asked ? asked.file : 'default:\n  mode: report-only\n';
  const { folder: serviceDir } = await folderWith<string>(typeof file === 'string' ? { 'settings.yml': file } : {});
  if (file === null) await mkdir(join(serviceDir, 'settings.yml'));
  vi.stubEnv('INGRESS_GUARD_ALLOWLIST', allowlist);
  onTestFinished(() => void vi.unstubAllEnvs());
  const said: string[] = [];
  const plugin = new SettingsPlugin(
    {
      serviceDir,
      processedInput: { command, options, isHelpRequest },
      configurationInput: {
        service: 'elasticache-ingress-guard',
        provider: { stage: 'prod', region: options.region ?? 'us-east-1' },
        functions: { enforceIngress: {}, enforceSecurityGroup: {} },
      },
      classes: { Error: FrameworkError },
    },
    {},
    { log: { notice: (text = '') => said.push(text) } },
  );

  await plugin.asyncInit();

  if (command === 'package') plugin.hooks['after:package:finalize']?.();
  if (command === 'deploy') plugin.hooks['before:deploy:deploy']?.();
  if (command === 'deploy function') plugin.hooks['after:deploy:function:packageFunction']?.();
  const { setting } = plugin.configurationVariablesSources;
  const read = ({ name }: { readonly name: string }) => setting.resolve({ address: name }).value;
  return { values: Object.fromEntries(SETTINGS.map((one) => [one.name, read(one)])), said: said.join('\n') };
}

describe.each(['package', 'deploy', 'deploy function', 'print'])('the command %s', (command) => {
  test('is stopped by settings that are wrong, with all of them in one message', async () => {
    const running = run({ command, options: { param: ['mod=enforce'] }, file: 'prod:\n  shared: yes\n' });

    await expect(running).rejects.toThrow(FrameworkError);
    await expect(running).rejects.toThrow(
      `Nothing was packaged or deployed, because settings are wrong:

- --param=mod: there is no setting \`mod\`: did you mean \`mode\`?
- settings.yml:2:3: prod.shared: \`yes\` is neither \`hold\` nor \`revoke\`: write one of the two

What each setting means: docs/reference/settings.md.`,
    );
  });

  test('is stopped where there is no settings file, because nobody would notice that all of it is the default', async () => {
    await expect(run({ command, file: undefined })).rejects.toThrow(
      '- settings.yml: there is no such file: restore it with `git checkout settings.yml`, or write one with `default: {}`',
    );
  });

  test('gets a value for every setting', async () => {
    const { values } = await run({ command, options: { param: ['mode=enforce'] }, file: 'prod:\n  shared: revoke\n' });

    expect(values).toEqual({
      mode: 'enforce',
      allowlist: '',
      regions: '',
      organization: '',
      organizationalUnits: '',
      excludedAccounts: '',
      maxRevocations: '10',
      maxRevocationsPerRun: '50',
      shared: 'revoke',
      mixed: 'hold',
      reportBucket: '',
      securityHub: 'false',
      chat: 'false',
      alertEmail: '',
      tracing: 'false',
    });
  });
});

describe.each(['remove', 'info', 'logs', 'invoke', 'rollback'])('the command %s', (command) => {
  test.each([
    ['wrong parameters', { options: { param: ['mod', null, 'mode=Enforce'] } }],
    ['no settings file', { file: undefined }],
    ['a settings file that is no YAML', { file: 'prod: "' }],
    ['wrong settings in the file', { file: 'prod:\n  regions: 5\n  mode: 7\n' }],
    ['a region that does not exist', { options: { region: 'us-east1' } }],
    ['no allowlist', { allowlist: 'no-such-allowlist.yaml' }],
  ])('is not stopped by %s, and gets values that the templates can be made with', async (_, asked) => {
    const { values, said } = await run({ command, ...asked });

    expect(values).toMatchObject({ mode: 'report-only', regions: '', tracing: 'false' });
    expect(said).toBe('');
  });
});

test('help needs no settings', async () => {
  expect((await run({ command: 'help', isHelpRequest: true, file: undefined })).said).toBe('');
});

test('a region is named by what names it', async () => {
  vi.stubEnv('AWS_REGION', 'us-east-1');

  await expect(run({ options: { region: 'us-east1' } })).rejects.toThrow('- --region: `us-east1` is not the name');
});

describe('the allowlist that is packaged', () => {
  test('stops packaging if its file does not exist', async () => {
    await expect(run({ allowlist: 'no-such-allowlist.yaml' })).rejects.toThrow(
      '- the allowlist no-such-allowlist.yaml cannot be read: there is no such file: write that file, or name another in INGRESS_GUARD_ALLOWLIST',
    );
  });

  test('stops packaging if it is not valid, with each place', async () => {
    const { 'bad.yaml': allowlist } = await folderWith({ 'bad.yaml': 'version: 1\nrule: []\n' });

    await expect(run({ allowlist })).rejects.toThrow(`  ${allowlist}:2:1: the document: unknown key \`rule\``);
  });

  test('is a file: a location is a setting, and that is said', async () => {
    await expect(run({ allowlist: 'ssm:/guard/allowlist' })).rejects.toThrow(
      'it must be a file. Set allowlist to ssm:/guard/allowlist in settings.yml, and unset INGRESS_GUARD_ALLOWLIST',
    );
  });

  test('has its rules counted', async () => {
    const { 'two.yaml': allowlist } = await folderWith({
      'two.yaml': `version: 1
rules:
  - { id: a, caches: [a], cidrs: [10.0.0.0/8] }
  - { id: b, caches: [b], cidrs: [10.0.0.0/8] }
  - { id: c, caches: [c], cidrs: [10.0.0.0/8] }
`,
    });

    expect((await run({ allowlist })).said).toContain(`${allowlist}, packaged: 3 allowlist rules`);
  });
});

describe('what is said', () => {
  test('after packaging is the summary', async () => {
    expect((await run({})).said).toContain('Settings of stage prod in us-east-1');
  });

  test('when one function is deployed is that roles and other functions stay', async () => {
    const { said } = await run({ command: 'deploy function' });

    expect(said).toContain('Settings of stage prod in us-east-1');
    expect(said).toContain('Its role, and the other functions, stay as they were deployed.');
  });

  test('when a package is deployed is that its settings are those of then, whatever settings.yml says now', async () => {
    const { said } = await run({ command: 'deploy', options: { package: 'made-before' }, file: 'mode: enforce\n' });

    expect(said.trim()).toBe('The settings are those with which this package was made.');
  });
});

test('a parameter stops the deployment of a package, which would take no notice of it', async () => {
  const options = { package: 'made-before', param: ['mode=report-only'] };

  await expect(run({ command: 'deploy', options })).rejects.toThrow(
    'a package is deployed with the settings with which it was made: give --param to `serverless package`',
  );
});

test('a settings file that cannot be read stops packaging, with why', async () => {
  await expect(run({ file: null })).rejects.toThrow('- settings.yml: it cannot be read (EISDIR): restore it');
});
