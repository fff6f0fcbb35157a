// Prints what the changelog says of the version of package.json: the text of its release on GitHub.
import { readFileSync } from 'node:fs';
import { notesOf } from './changelog.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
console.log(notesOf(readFileSync('CHANGELOG.md', 'utf8'), version));
