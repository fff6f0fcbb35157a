// Runs benchmarks, each in a process of its own: `npm run bench` for all, `npm run bench -- audit` for some. One that misses
// its goal, or did not do its work, fails.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BENCHMARKS = ['decide', 'replay-memory', 'audit', 'local'];

const names = process.argv.slice(2);
const unknown = names.find((name) => !BENCHMARKS.includes(name));
if (unknown !== undefined) {
  console.error(`there is no benchmark \`${unknown}\`: there are ${BENCHMARKS.join(', ')}`);
  process.exit(1);
}
for (const name of names.length > 0 ? names : BENCHMARKS) {
  console.log(`\n# ${name}\n`);
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const [exitCode] = await once(spawn(process.execPath, [file], { stdio: 'inherit' }), 'exit');
  if (exitCode !== 0) {
    console.error(`\n${name} failed`);
    process.exitCode = 1;
  }
}
