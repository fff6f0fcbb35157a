import { chmod, readFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { runBash } from '../support/commands/run-bash.ts';
import { folderWith } from '../support/tools/folder.ts';
import { blocksOf } from '../support/tools/markdown.ts';

const STEPS = blocksOf(await readFile('docs/reference/report.md', 'utf8'))
  .filter(({ language, text }) => language === 'yaml' && text.includes('GITHUB_STEP_SUMMARY'))
  .flatMap(({ text }): { run: string }[] => parse(text));

test('the step of a job ends with the exit code of the audit, also of one that could not begin', async () => {
  const files = await folderWith({
    'bin/npx': `#!/bin/sh\n[ "$1 $2 $3" = "--no -- ingress-guard" ] || exit 99\nshift 3\nexec "${process.execPath}" "${resolve('src/cli/main.ts')}" "$@"\n`,
    'allowlist.yaml': 'version: 2\nrules: []\n',
    summary: '',
  });
  await chmod(files['bin/npx'], 0o755);
  const environment = {
    PATH: `${join(files.folder, 'bin')}${delimiter}${process.env.PATH}`,
    GITHUB_STEP_SUMMARY: files.summary,
    NODE_DISABLE_COMPILE_CACHE: '1',
  };

  expect(STEPS).toHaveLength(1);
  for (const { run } of STEPS) {
    const { exitCode, output } = await runBash(run, files.folder, environment);

    expect(output).toMatch(/^ingress-guard: allowlist\.yaml is not a valid allowlist:\n.*version: /);
    expect(exitCode).toBe(3);
  }
});
