import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { CI_FORMATS } from '../../src/cli/ci/format.ts';
import { runNode } from '../support/commands/run-process.ts';
import { folderWith } from '../support/tools/folder.ts';
import { blocksOf, codesIn, tableUnder } from '../support/tools/markdown.ts';

const PAGE = readFileSync('docs/how-to/check-in-ci.md', 'utf8');
const BLOCKS = blocksOf(PAGE);

test('the page has every format for build servers', () => {
  const formats = tableUnder(`\n${PAGE}`, '# Check the allowlist in CI').map(([format = '']) => codesIn(format)[0]);

  expect(formats).toEqual(CI_FORMATS);
});

test('the example fails with the annotation on the page', async () => {
  const files = Object.fromEntries(BLOCKS.filter(({ name }) => name !== '').map(({ name, text }) => [name, text]));
  const { folder } = await folderWith(files);
  const [command = '', ...shown] = BLOCKS.find(({ language }) => language === 'console')?.text.split('\n') ?? [];

  const argv = command.replace('$ ingress-guard ', '').split(' ');
  const { exitCode, output } = await runNode([resolve('src/cli/main.ts'), ...argv], {}, folder);

  expect(output).toBe(`${shown.slice(0, shown.indexOf('$ echo $?')).join('\n')}\n`);
  expect(exitCode).toBe(1);
});

test('the hooks of the page are those that there are, with the arguments that they have anyway', () => {
  const { repos } = parse(BLOCKS.find(({ text }) => text.startsWith('repos:'))?.text ?? '');
  const hooks = parse(readFileSync('.pre-commit-hooks.yaml', 'utf8'));

  expect(repos[0].hooks.map(({ id }: { id: string }) => id)).toEqual(hooks.map(({ id }: { id: string }) => id));
  const [check, cases] = repos[0].hooks;
  expect([check.args, cases.args.slice(0, 1)]).toEqual(hooks.map(({ args }: { args: string[] }) => args));
});

test('no hook is skipped because the files that it checks have other names than the default ones', () => {
  const hooks = parse(readFileSync('.pre-commit-hooks.yaml', 'utf8'));

  // `files` knows nothing of `args`. What pre-commit skips passes.
  for (const hook of hooks) expect(hook).toMatchObject({ always_run: true, pass_filenames: false });
});
