import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sampleEvent } from './events/sample-events.ts';
import type { Ended } from './support/commands/run-process.ts';
import { ACCOUNT, strangersGrant } from './support/examples/grants.ts';
import { ALLOWLIST } from './support/functions/enforce-ingress-function.ts';
import { startElastiCacheWithGrants } from './support/local-aws/elasticache-with-grants.ts';
import { folderWith } from './support/tools/folder.ts';

const PACKAGE = JSON.parse(await readFile('package.json', 'utf8'));
/** The Node of the functions, and the oldest that the package promises to run on. */
const NODES = ['node_modules/node/bin/node', 'test/oldest-node/node_modules/node/bin/node'].map((path) =>
  resolve(path),
);
/** Of an install, in bytes: it takes 5.5 million, and took 115 million when the AWS SDK came with it. */
const LARGEST = 8_000_000;

let folder: string;
let command: string;

/** Packs as a release does, and installs that into an empty folder as a user does. What it needs, npm's cache has from `npm ci`. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingress-guard-published-'));
  const npm = (args: readonly string[], cwd: string) =>
    promisify(execFile)('npm', args, { cwd, env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' } });
  await npm(['pack', '--pack-destination', folder], process.cwd());
  const [tarball = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, tarball)], folder);
  command = join(folder, 'node_modules/.bin/ingress-guard');
  return () => rm(folder, { recursive: true, force: true });
});

describe('the published package', () => {
  test('is small, and brings one other package', async () => {
    const modules = join(folder, 'node_modules');
    const files = await readdir(modules, { recursive: true, withFileTypes: true });
    const sizes = await Promise.all(
      files.filter((file) => file.isFile()).map(async (file) => (await stat(join(file.parentPath, file.name))).size),
    );

    expect((await readdir(modules)).filter((name) => !name.startsWith('.')).sort()).toEqual(['ingress-guard', 'yaml']);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(LARGEST);
  });

  test('holds licences, changelog and schemas, and no sources, tests or settings of ours', async () => {
    const top = await readdir(join(folder, 'node_modules/ingress-guard'));
    const all = await readdir(join(folder, 'node_modules/ingress-guard'), { recursive: true });

    expect(top.sort()).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'bin',
        'dist',
        'package.json',
        'schema',
        'serverless.yml',
        'stack',
      ].sort(),
    );
    expect(all).toContain('dist/THIRD-PARTY-NOTICES.txt');
    expect(all.filter((name) => /\.ts$|\.test\.|allowlist\.yaml|settings\.yml/.test(name))).toEqual([]);
  });
});

describe.each(NODES)('the published command, on %s', (node) => {
  const run = (argv: readonly string[], environment = {}, cwd = folder): Promise<Ended> =>
    promisify(execFile)(node, [command, ...argv], {
      cwd,
      env: { PATH: `${dirname(node)}:${process.env.PATH}`, ...environment },
    }).then(
      ({ stdout, stderr }) => ({ exitCode: 0, output: stdout + stderr }),
      ({ code, stdout, stderr }) => ({ exitCode: code, output: stdout + stderr }),
    );
  const aws = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

  test('runs on a Node that package.json promises', async () => {
    const { exitCode, output } = await run(['--version']);

    expect([exitCode, output]).toEqual([0, `${PACKAGE.version}\n`]);
  });

  test('has the help of every command', async () => {
    const { output } = await run(['--help']);
    const commands = [...output.matchAll(/^ {2}([a-z-]+) /gm)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'help');

    expect(commands.length).toBeGreaterThanOrEqual(14);
    for (const name of commands) {
      const help = await run([name, '--help']);
      expect([help.exitCode, help.output]).toEqual([0, expect.stringContaining(`Usage: ingress-guard ${name}`)]);
    }
  });

  test('runs every command that needs no AWS', async () => {
    const { folder: cwd } = await folderWith({
      'other.yaml': ALLOWLIST.replace('self', '"*"'),
      'mine.yaml': ALLOWLIST,
      'event.json': JSON.stringify(sampleEvent('authorize-ingress')),
      'report.json': JSON.stringify({ complete: true, findings: [{ grant: strangersGrant }] }),
    });
    const here = (...argv: string[]) => run(argv, {}, cwd);
    const mine = ['--allowlist', 'mine.yaml'];

    expect(await here('init')).toMatchObject({ exitCode: 0 });
    expect(await here('check')).toMatchObject({ exitCode: 0 });
    for (const format of ['json', 'github', 'junit', 'sarif']) {
      expect(await here('check', '--format', format)).toMatchObject({ exitCode: 0 });
      expect(await here('test', 'allowlist.cases.yaml', '--format', format)).toMatchObject({ exitCode: 0 });
    }
    expect(await here('explain', 'event.json', ...mine)).toMatchObject({ exitCode: 2 });
    expect(await here('replay', 'event.json', ...mine)).toMatchObject({ exitCode: 2 });
    expect(await here('what-if', 'other.yaml', 'mine.yaml', '--grants', 'report.json')).toMatchObject({ exitCode: 2 });
    expect(await here('learn', 'report.json')).toMatchObject({ exitCode: 0 });
  });

  test('runs every command that asks AWS, which is the local one here', async () => {
    const { url } = await startElastiCacheWithGrants();
    const { mine } = await folderWith({ mine: ALLOWLIST });
    const ask = (...argv: string[]) => run(argv, { ...aws, AWS_ENDPOINT_URL: url });
    const allowlist = ['--allowlist', mine];

    const audited = await ask('audit', '--account', ACCOUNT, '--format', 'html', ...allowlist);
    expect(audited.output).toMatch(/^<!doctype html>/i);
    expect([audited.exitCode]).toEqual([2]);
    expect(await ask('learn')).toMatchObject({ exitCode: 0 });
    // No stack is there: each says so, in its own words.
    for (const command of [['status'], ['doctor'], ['redrive'], ['drill', '--yes']]) {
      const { exitCode, output } = await ask(...command);
      expect(exitCode, output).toBe(1);
      expect(output).not.toMatch(/^ +at /m);
    }
  });

  test('runs the local AWS with Ingress Guard and its console, all from the package', async () => {
    const { mine } = await folderWith({ mine: ALLOWLIST });
    const child = execFile(node, [command, 'local', '--port', '0', '--mode', 'enforce', '--allowlist', mine]);
    onTestFinished(() => void child.kill('SIGKILL'));
    let written = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (written += text));
    await expect.poll(() => written + (child.exitCode ?? '')).toMatch(/^ready http.*$/m);
    const url = /^ready (\S+)$/m.exec(written)?.[1] ?? '';

    const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text();

    expect(page).toContain('<title>');
    const ended = new Promise((end) => child.once('exit', end));
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });
});
