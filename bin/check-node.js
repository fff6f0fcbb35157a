// Runs before the sources do. The Node 24 that npm scripts run on is put in place by an install script: without it the machine's
// own Node would stop at the first TypeScript file. So this is plain JavaScript that an old Node can run, and needs no package.
import { existsSync } from 'node:fs';

const { node } = process.versions;
if (!existsSync(new URL('../node_modules/node', import.meta.url)) || Number.parseInt(node, 10) < 24) {
  console.error(
    `Packages are missing, or the Node 24 that comes with them: this is Node ${node}.\nRun \`npm ci --ignore-scripts=false\` and try again.`,
  );
  process.exitCode = 1;
}
