import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AS_NODE_20 } from '../support/commands/older-node.ts';
import { runNode } from '../support/commands/run-process.ts';
import { folderWith } from '../support/tools/folder.ts';

const CHECK = 'bin/check-node.js';

/** A checkout, as far as the check looks at it. */
async function makeCheckout(...folders: readonly string[]) {
  const { folder, [CHECK]: check } = await folderWith({ 'package.json': '{ "type": "module" }', [CHECK]: '' });
  await copyFile(CHECK, check);
  for (const name of folders) await mkdir(join(folder, name), { recursive: true });
  return check;
}

const REMEDY =
  /^Packages are missing.*: this is Node \d+\.\d+\.\d+\.\nRun `npm ci --ignore-scripts=false` and try again\.\n$/;

test('the Node 24 among the packages passes the check without a word', async () => {
  const check = await makeCheckout('node_modules/node');

  expect(await runNode([check])).toEqual({ exitCode: 0, output: '' });
});

test('a machine whose own Node runs, because install scripts did not, gets a sentence that says what to do', async () => {
  const check = await makeCheckout('node_modules/node');

  const { exitCode, output } = await runNode([AS_NODE_20, check]);

  expect(exitCode).toBe(1);
  expect(output).toMatch(REMEDY);
  expect(output).toContain('this is Node 20.20.2.');
});

test('a checkout without packages gets the same', async () => {
  const check = await makeCheckout();

  const { exitCode, output } = await runNode([check]);

  expect(exitCode).toBe(1);
  expect(output).toMatch(REMEDY);
});

test('every script that runs our sources checks first', async () => {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));

  const running = Object.keys(scripts).filter((name) => /\.ts\b|\b(?:vitest|serverless)\b/.test(scripts[name]));

  expect(running).toEqual(expect.arrayContaining(['start', 'test', 'bench', 'chaos', 'package']));
  for (const name of running) expect(scripts[name]).toMatch(/^node bin\/check-node\.js && /);
});
