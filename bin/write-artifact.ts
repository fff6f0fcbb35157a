// Makes what a stack is deployed from without a checkout: `npm run artifact -- FOLDER`.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { findForeignSettings, makeArtifact, optionsOf } from '../stack/packaging/artifact/artifact.ts';
import { packageStack } from '../stack/packaging/artifact/package-stack.ts';
import { readSettingsFile, SETTINGS_FILE } from '../stack/packaging/settings/settings-file.ts';
import { bundle, bundledPackages, EXTERNAL, toNotices } from './bundle.ts';

const [folder, ...more] = process.argv.slice(2);
if (folder === undefined || more.length > 0) fail('name one folder: npm run artifact -- FOLDER');
const foreign = findForeignSettings(readSettingsFile(await readFile(SETTINGS_FILE, 'utf8')));
if (foreign.length > 0) fail(foreign.join('\n'));
await mkdir(folder, { recursive: true });
if ((await readdir(folder)).length > 0) fail(`${folder} is not empty: name another folder`);

const require = createRequire(import.meta.url);
const { WITHOUT_ARCHIVES } = require('../stack/archive.cjs');
const { version } = require('../package.json');

const files = await makeArtifact(version, WITHOUT_ARCHIVES, (ask) => packageStack(optionsOf(ask)));
const readme = await readFile(new URL('../stack/packaging/artifact/README.md', import.meta.url), 'utf8');
// The functions hold what the command does, and what it has npm install.
const notices = toNotices(await bundledPackages(await bundle(undefined), EXTERNAL));
const texts = { 'README.md': readme.replaceAll('VERSION', version), 'THIRD-PARTY-NOTICES.txt': notices };
for (const [name, contents] of [...files, ...Object.entries(texts)]) await writeFile(join(folder, name), contents);
console.log(`written to ${folder}: ${(await readdir(folder)).join(', ')}`);

function fail(problem: string): never {
  console.error(problem);
  process.exit(1);
}
