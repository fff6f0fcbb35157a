// Runs benchmarks, each in a separate process, and prints what they measured as one table: `npm run bench` for all,
// `npm run bench -- audit replay` for some. `--write` puts the table of all into docs/explanation/performance.md, with the machine
// and the versions, and draws the picture of the cold starts. `--short` runs a few rounds with small loads, to see that all still
// works: then a goal that is missed is reported, and does not fail.
import { fork } from 'node:child_process';
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
  decide: { file: 'decide.ts', short: ['--rounds', '3'] },
  audit: { file: 'audit.ts', short: ['--rounds', '1', '--caches', '100'] },
  organization: { file: 'organization.ts', short: ['--rounds', '1', '--accounts', '8'] },
  report: { file: 'report.ts', short: ['--rounds', '1', '--caches', '50'] },
  replay: { file: 'replay.ts', short: ['--rounds', '1', '--megabytes', '16'] },
};

const PAGE = fileOf('../docs/explanation/performance.md');

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean', default: false }, short: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
if (values.write && (positionals.length > 0 || values.short)) {
  console.error('--write needs all benchmarks, at their full length: leave out --short and the names');
  process.exit(1);
}
const figures: Figure[] = [];
for (const name of names) {
  const benchmark = BENCHMARKS[name];
  if (benchmark === undefined) {
    console.error(`there is no benchmark \`${name}\`: there are ${Object.keys(BENCHMARKS).join(', ')}`);
    process.exit(1);
  }
  console.error(`measuring ${name}...`);
  figures.push(...(await run(benchmark.file, values.short ? benchmark.short : [])));
}
const table = toTable(figures);
console.log(table);
const missed = figures.filter(({ met }) => met === false);
if (missed.length > 0) console.error(`\n${missed.length} of the goals were missed`);
if (missed.length > 0 && !values.short) process.exitCode = 1;
if (values.write) {
  await writeFile(PAGE, await replaceTable(await readFile(PAGE, 'utf8'), table));
  await writeFile(fileOf('cold-starts.svg'), toSvg(figures.flatMap((figure) => figure.bars ?? [])));
}

function fileOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
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

/** The page with this table in the place of the last one, and with the day, the versions and the machine. */
async function replaceTable(page: string, measured: string): Promise<string> {
  const [before, after] = ['<!-- written by npm run bench -- --write -->', '<!-- end of what is written -->'];
  const [from, to] = [page.indexOf(before) + before.length, page.indexOf(after)];
  if (from < before.length || to < from)
    throw new Error(`${PAGE} has no place for the table: add ${before} and ${after}`);
  const { version } = JSON.parse(await readFile(fileOf('../package.json'), 'utf8'));
  const [{ model = '' } = {}] = cpus();
  const { node, v8 } = process.versions;
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} cores of ${model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`;
  return `${page.slice(0, from)}

${day}, Ingress Guard ${version}, Node ${node}, V8 ${v8}, ${machine}, ${process.platform} ${process.arch}

${measured}

${page.slice(to)}`;
}
