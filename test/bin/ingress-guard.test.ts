import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundle, bundledPackages } from '../../bin/bundle.ts';
import { AS_NODE_20 } from '../support/commands/older-node.ts';
import { runNode } from '../support/commands/run-process.ts';
import { folderWith } from '../support/tools/folder.ts';

const run = promisify(execFile);
const PACKAGE = JSON.parse(await readFile('package.json', 'utf8'));
const COMMAND: string = PACKAGE.bin['ingress-guard'];

const BUILT = { 'dist/src/cli/main.js': 'console.log(process.argv.slice(2).join());' };

/** A package with these files, as far as the command needs it. Once built, it writes what it is asked. */
async function makePackage(files: Readonly<Record<string, string>>) {
  const { folder } = await folderWith({ ...files, 'package.json': JSON.stringify(PACKAGE), [COMMAND]: '' });
  await copyFile(COMMAND, join(folder, COMMAND));
  return folder;
}

describe('the file behind the command', () => {
  test('is committed as a program, so that it can be executed in every new checkout', async () => {
    const { stdout } = await run('git', ['ls-files', '--stage', '--', COMMAND]);

    expect(stdout).toMatch(/^100755 /);
  });

  test('starts the built command, also through a link, as npx does', async () => {
    const folder = await makePackage(BUILT);
    const link = join(folder, 'ingress-guard');
    await symlink(join(folder, COMMAND), link);

    const { stdout } = await run(link, ['check', '-'], { env: { PATH: dirname(process.execPath) } });

    expect(stdout).toBe('check,-\n');
  });

  test('says what to do where the command is not built', async () => {
    const folder = await makePackage({});

    const ended = await runNode([join(folder, COMMAND), 'check']);

    const said = `ingress-guard: the command is not built. Run \`npm ci --ignore-scripts=false\` in ${folder}/ and try again.\n`;
    expect(ended).toEqual({ exitCode: 1, output: said });
  });

  test('says that Node is too old, before the AWS SDK warns of it', async () => {
    const folder = await makePackage(BUILT);

    const { exitCode, output } = await runNode([AS_NODE_20, join(folder, COMMAND), 'check']);

    expect(exitCode).toBe(1);
    expect(output).toMatch(
      /^ingress-guard: Node 20\.20\.2 is too old: take Node 22\.\d+ or newer\. In a checkout, .+\n$/,
    );
  });
});

describe('the build', () => {
  let built: string;
  let metafile: Awaited<ReturnType<typeof bundle>>;

  beforeAll(async () => {
    built = await mkdtemp(join(tmpdir(), 'ingress-guard-build-'));
    const { exitCode, output } = await runNode(['bin/build.ts', built]);
    expect(exitCode, output).toBe(0);
    metafile = await bundle(undefined);
    return () => rm(built, { recursive: true, force: true });
  });

  test('makes the file executable that the links of earlier versions go to', async () => {
    const { mode } = await stat(join(built, 'src/cli/main.js'));

    expect(mode & 0o111).toBe(0o111);
  });

  test('needs no package but those that npm installs with it', () => {
    const imported = Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.filter(({ external }) => external),
    );

    const packages = new Set(imported.map(({ path }) => path).filter((path) => !isBuiltin(path)));
    expect([...packages]).toEqual(Object.keys(PACKAGE.dependencies));
  });

  test('comes with the licence of every package that is in it', async () => {
    const packages = await bundledPackages(metafile);

    const notices = await readFile(join(built, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    expect(packages.length).toBeGreaterThan(20);
    for (const { name, version, license, text } of packages) {
      expect(notices).toContain(`${name} ${version} (${license})\n`);
      expect(notices).toContain(text);
      // These ask for no more than that.
      expect(['Apache-2.0', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'], name).toContain(license);
    }
  });
});
