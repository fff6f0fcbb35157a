#!/usr/bin/env node
// Starts the command that `npm run build` makes, if it can run. This file is committed, because its mode must be that of a
// program in every new checkout: npx makes a command executable when it first links to it, and keeps that link in npm's cache
// (libnpmexec, `missingFromTree`). An old Node must be able to read it.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const main = new URL('dist/src/cli/main.js', root);
const { engines } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
const [oldest] = /\d+\.\d+/.exec(engines.node);

if (isOlder(process.versions.node, oldest)) {
  fail(
    `Node ${process.versions.node} is too old: take Node ${oldest} or newer. In a checkout, \`npm ci --ignore-scripts=false\` ` +
      'installs one, and `npx --no -- ingress-guard` runs on it.',
  );
} else if (!existsSync(main)) {
  fail(`the command is not built. Run \`npm ci --ignore-scripts=false\` in ${fileURLToPath(root)} and try again.`);
} else {
  await import(main);
}

function isOlder(version, other) {
  const [[major, minor], [otherMajor, otherMinor]] = [version, other].map((text) => text.split('.').map(Number));
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

function fail(problem) {
  console.error(`ingress-guard: ${problem}`);
  process.exitCode = 1;
}
