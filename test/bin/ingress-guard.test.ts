import { execFile } from 'node:child_process';
import { chmod, copyFile, readFile, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../support/folder.ts';

const run = promisify(execFile);
const PACKAGE = JSON.parse(await readFile('package.json', 'utf8'));
const COMMAND: string = PACKAGE.bin['ingress-guard'];

/** A package that is built, as far as the command needs it: it writes what it is asked. */
async function makePackage() {
  const { folder } = await folderWith({
    'package.json': JSON.stringify({ type: PACKAGE.type }),
    'dist/src/cli/main.js': 'console.log(process.argv.slice(2).join());',
    [COMMAND]: '',
  });
  await copyFile(COMMAND, join(folder, COMMAND));
  return folder;
}

describe('the file behind the command', () => {
  test('is committed as a program, so that it can be executed in every new checkout', async () => {
    const { stdout } = await run('git', ['ls-files', '--stage', '--', COMMAND]);

    expect(stdout).toMatch(/^100755 /);
  });

  test('starts the built command, also through a link, as npx does', async () => {
    const folder = await makePackage();
    const link = join(folder, 'ingress-guard');
    await symlink(join(folder, COMMAND), link);

    const { stdout } = await run(link, ['check', '-'], { env: { PATH: dirname(process.execPath) } });

    expect(stdout).toBe('check,-\n');
  });
});

test('the build makes the file executable that the links of earlier versions go to', async () => {
  const compiler = '#!/bin/sh\nmkdir -p dist/src/cli && touch dist/src/cli/main.js\n';
  const { folder, tsc } = await folderWith({ tsc: compiler });
  await chmod(tsc, 0o755);

  await run('sh', ['-c', PACKAGE.scripts.build], {
    cwd: folder,
    env: { PATH: `${folder}:${dirname(process.execPath)}:${process.env.PATH}` },
  });

  const { mode } = await stat(join(folder, 'dist/src/cli/main.js'));
  expect(mode & 0o111).toBe(0o111);
});
