// Runs benchmarks, each in a process of its own, and prints what they measured as one table: `npm run bench` for all,
// `npm run bench -- audit local` for some. `--write` puts the table into RESULTS.md, with the machine and
// the versions, and a picture of the cold starts beside it; `--short`
// runs a few rounds, to see that all still works: then a goal that is missed is told, and does not fail.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Figure, toTable } from './figures.ts';
import { toSvg } from './picture.ts';

/** Their files, and what makes them short. */
const BENCHMARKS: Record<string, { file: string; short: readonly string[] }> = {
  enforce: { file: 'enforce.ts', short: ['--rounds', '1'] },
  'security-group': { file: 'security-group.ts', short: ['--rounds', '1'] },
  decide: { file: 'decide.ts', short: ['--rounds', '3'] },
  rivals: { file: 'rivals/compare.ts', short: ['--rounds', '1', '--sizes', '10,100'] },
  audit: { file: 'audit.ts', short: ['--rounds', '1'] },
  organization: { file: 'organization.ts', short: ['--rounds', '1', '--accounts', '20'] },
  'replay-memory': { file: 'replay-memory.ts', short: ['--megabytes', '16'] },
  local: { file: 'local.ts', short: ['--rounds', '1'] },
};

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean', default: false }, short: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
const figures: Figure[] = [];
for (const name of names) {
  const benchmark = BENCHMARKS[name];
  if (benchmark === undefined) {
    console.error(`there is no benchmark \`${name}\`: there are ${Object.keys(BENCHMARKS).join(', ')}`);
    process.exit(1);
  }
  console.error(`measuring ${name}...`);
  if (name === 'rivals') install('rivals');
  figures.push(...(await run(benchmark.file, values.short ? benchmark.short : [])));
}
const table = toTable(figures);
console.log(table);
const missed = figures.filter(({ met }) => met === false);
if (missed.length > 0) console.error(`\n${missed.length} of the goals were missed`);
if (missed.length > 0 && !values.short) process.exitCode = 1;
if (values.write) {
  await writeFile(fileOf('RESULTS.md'), await toPage(table));
  const bars = figures.flatMap((figure) => figure.bars ?? []);
  if (bars.length > 0) await writeFile(fileOf('cold-starts.svg'), toSvg(bars));
}

function fileOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Installs what only a benchmark needs: it has a package of its own, so that npm ci of the project stays quick. */
function install(folder: string): void {
  execFileSync('npm', ['ci', '--prefix', fileOf(folder)], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function run(name: string, options: readonly string[]): Promise<Figure[]> {
  const measured: Figure[] = [];
  const child = fork(fileOf(name), options);
  child.on('message', (message) => measured.push(...(message as Figure[])));
  const [exitCode] = await once(child, 'exit');
  if (exitCode !== 0 || measured.length === 0) {
    console.error(`${name} is broken: it ended with ${exitCode} and ${measured.length} figures`);
    process.exit(1);
  }
  return measured;
}

async function toPage(results: string): Promise<string> {
  const { version } = JSON.parse(await readFile(fileOf('../package.json'), 'utf8'));
  const [{ model = '' } = {}] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `# Results

Written by \`npm run bench -- --write\`. What it means: [docs/explanation/performance.md](../docs/explanation/performance.md). Absolute times are this
machine's; what counts are the ratios, measured side by side in one run.

${new Date().toISOString().slice(0, 10)}, Ingress Guard ${version}, Node ${process.versions.node}, V8 ${process.versions.v8}, \
${cpus().length} cores of ${model.trim()}, ${memory} GB, ${process.platform} ${process.arch}

${results}
`;
}
