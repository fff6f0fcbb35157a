// Writes the version of package.json where else it is: `npm version` runs this before it commits and tags.
import { readFileSync, writeFileSync } from 'node:fs';
import { release } from './changelog.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const day = new Date().toISOString().slice(0, 10);

writeFileSync('CHANGELOG.md', release(readFileSync('CHANGELOG.md', 'utf8'), version, day));
const SOURCE = 'src/report/version.ts';
writeFileSync(SOURCE, readFileSync(SOURCE, 'utf8').replace(/(?<=VERSION = ')[^']+/, version));
