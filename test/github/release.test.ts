import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runBash } from '../support/commands/run-bash.ts';
import { folderWith } from '../support/tools/folder.ts';

const { jobs } = parse(await readFile('.github/workflows/release.yml', 'utf8'));
const PACKAGE = JSON.parse(await readFile('package.json', 'utf8'));
const CHANGELOG = `# Changelog

## [0.2.0] - unreleased

### Added

- A new command.

## [0.1.0] - 2026-11-01

- The first.
`;

/** The script of a step of the release, by its name. */
function script(job: string, step: string): string {
  const { run } = jobs[job].steps.find(({ name }: { name?: string }) => name === step);
  return run;
}

/** A checkout as far as a release reads it, at this version. */
async function checkout(changes: Record<string, unknown> = {}) {
  const files = await folderWith({
    'package.json': JSON.stringify({ ...PACKAGE, ...changes }, null, 2),
    'CHANGELOG.md': CHANGELOG,
    'src/report/version.ts': await readFile('src/report/version.ts', 'utf8'),
  });
  await mkdir(join(files.folder, 'bin'));
  for (const name of ['check-node.js', 'changelog.ts', 'write-version.ts', 'release-notes.ts']) {
    await copyFile(join('bin', name), join(files.folder, 'bin', name));
  }
  await mkdir(join(files.folder, 'node_modules/node'), { recursive: true });
  const read = (name: string) => readFile(join(files.folder, name), 'utf8');
  return { folder: files.folder, read };
}

const NODE = { PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
const REPOSITORY = /github\.com\/(.+)\.git$/.exec(PACKAGE.repository.url)?.[1] ?? '';

describe('npm version', () => {
  test('writes the version into the changelog with its day, and into the sources', async () => {
    const { folder, read } = await checkout({ version: '0.2.0' });

    const script = PACKAGE.scripts.version.replace(/ && git add .*$/, '');
    const { exitCode, output } = await runBash(script, folder, NODE);

    expect(exitCode, output).toBe(0);
    expect(await read('CHANGELOG.md')).toMatch(/^## \[0\.2\.0\] - \d{4}-\d\d-\d\d\n\n### Added/m);
    expect(await read('src/report/version.ts')).toContain("VERSION = '0.2.0'");
  });

  test('fails where nothing is unreleased, and says what to write', async () => {
    const { folder, read } = await checkout();
    await writeFile(join(folder, 'CHANGELOG.md'), CHANGELOG.replace('unreleased', '2026-11-20'));

    const { exitCode, output } = await runBash('node bin/write-version.ts', folder, NODE);

    expect(exitCode).toBe(1);
    expect(output).toContain('CHANGELOG.md has no heading `## [next] - unreleased`');
    expect(await read('src/report/version.ts')).toContain(`VERSION = '${PACKAGE.version}'`);
  });

  test('commits what it wrote', () => {
    expect(PACKAGE.scripts.version).toMatch(/ && git add CHANGELOG\.md src\/report\/version\.ts$/);
  });
});

describe('a release', () => {
  const check = script('pack', 'Is the tag the version, and the repository that of the package?');

  test.each([
    ['v0.2.0', REPOSITORY, 0, /^$/],
    ['v0.3.0', REPOSITORY, 1, /the tag is v0\.3\.0 and the version 0\.2\.0: make the tag with npm version/],
    ['v0.2.0', 'someone/fork', 1, /repository\.url is .*: write git\+https:\/\/github\.com\/someone\/fork\.git/],
  ])('of tag %s in %s ends its check with %d', async (TAG, repository, code, said) => {
    const { folder } = await checkout({ version: '0.2.0' });

    const { exitCode, output } = await runBash(check, folder, { ...NODE, TAG, REPOSITORY: repository });

    expect(exitCode).toBe(code);
    expect(output.trim()).toMatch(said);
  });

  test('has the text of the changelog, and that alone', async () => {
    const { folder } = await checkout({ version: '0.2.0' });
    await runBash('node bin/write-version.ts', folder, NODE);

    const { output } = await runBash('node bin/release-notes.ts', folder, NODE);

    expect(output).toBe('### Added\n\n- A new command.\n');
  });

  test('is not made of a version that the changelog does not have', async () => {
    const { folder } = await checkout({ version: '0.2.0' });

    const { exitCode, output } = await runBash('node bin/release-notes.ts', folder, NODE);

    expect(exitCode).toBe(1);
    expect(output).toContain('CHANGELOG.md has no released version 0.2.0');
  });

  test('publishes the one package that was tested, with provenance, and attaches all that was packed', async () => {
    const npm = `#!/bin/bash
case "$1 $2" in
  "pack --pack-destination") echo package > "$3/ingress-guard-0.2.0.tgz" ;;
  "run artifact") mkdir "$4" && echo template > "$4/template.json" ;;
  *) echo "npm $*" ;;
esac
`;
    const { folder, ...files } = await folderWith({
      'package.json': JSON.stringify({ version: '0.2.0', type: 'module' }),
      'CHANGELOG.md': CHANGELOG.replace('unreleased', '2026-11-29'),
      'tools/npm': npm,
      'tools/gh': '#!/bin/bash\necho "gh $*"\n',
    });
    for (const name of ['tools/npm', 'tools/gh'] as const) await chmod(files[name], 0o755);
    await mkdir(join(folder, 'bin'));
    for (const name of ['changelog.ts', 'release-notes.ts']) {
      await copyFile(join('bin', name), join(folder, 'bin', name));
    }
    const environment = { PATH: `${folder}/tools:${NODE.PATH}`, TAG: 'v0.2.0' };

    const packed = await runBash(script('pack', 'Pack'), folder, environment);
    const published = await runBash(script('publish', 'Publish'), folder, environment);
    const released = await runBash(script('github', 'Release'), folder, environment);

    expect(packed).toEqual({ exitCode: 0, output: '' });
    expect(published.output).toBe('npm publish ./release/ingress-guard-0.2.0.tgz --provenance --access public\n');
    expect(released.output).toBe(
      'gh release create v0.2.0 --verify-tag --title v0.2.0 --notes-file release-notes.md release/SHA256SUMS release/ingress-guard-0.2.0.tgz release/ingress-guard-stack-0.2.0.tgz\n',
    );
    expect(jobs.publish.steps.find(({ name }: { name?: string }) => name === 'Publish').env).toEqual({
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the workflow
      TAG: '${{ github.ref_name }}',
    });
  });

  test('is published by a job that may prove who it is, and do nothing else', () => {
    expect(jobs.publish.permissions).toEqual({ 'id-token': 'write' });
    expect(jobs.publish.needs).toBe('pack');
    expect(jobs.github.needs).toBe('publish');
  });

  test('tests all that a change must pass before it packs', () => {
    const names = jobs.pack.steps.map(({ name }: { name?: string }) => name);

    expect(script('pack', 'Test')).toBe('.ci/run');
    expect(names.indexOf('Test')).toBeLessThan(names.indexOf('Pack'));
  });
});
