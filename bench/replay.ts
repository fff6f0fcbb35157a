// What `ingress-guard replay` costs for a large file: `npm run bench -- replay` (`node bench/replay.ts --megabytes 64` for a smaller
// one).
//
// Each file is replayed with the command as it is installed, in a process of its own, from its start to its end. The time is
// compared with a program that reads the same JSON lines and parses each; the memory with that for a file of a sixteenth.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { replayAndMeasure } from '../test/support/commands/replay-and-measure.ts';
import { type Run, runAndMeasure } from '../test/support/commands/run-and-measure.ts';
import { installBuilt } from '../test/support/packaged/installed.ts';
import { type Figure, median, megabytes, mustBe, ratioFigure, report, seconds } from './figures.ts';
import { ALLOWLIST, LAYOUTS, writeEvents } from './recorded-events.ts';

const { values } = parseArgs({
  options: { megabytes: { type: 'string', default: '1024' }, rounds: { type: 'string', default: '1' } },
});
const BYTES = Number(values.megabytes) * 1024 * 1024;
const ROUNDS = Number(values.rounds);
const MOST_MEGABYTES = 200;
const MOST_GROWTH = 1.5;
const READ_AND_PARSE = `import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
let lines = 0;
for await (const line of createInterface({ input: createReadStream(process.argv[2]), crlfDelay: Infinity })) {
  if (JSON.parse(line).detail !== undefined) lines++;
}
console.log(lines);
`;

await using installed = await installBuilt();
const folder = await mkdtemp(join(tmpdir(), 'bench-replay-'));
const [allowlist, parser] = [join(folder, 'allowlist.yaml'), join(folder, 'read-and-parse.mjs')];
try {
  await writeFile(allowlist, ALLOWLIST);
  await writeFile(parser, READ_AND_PARSE);
  const figures: Figure[] = [];
  for (const name of Object.keys(LAYOUTS)) figures.push(...(await measureLayout(name)));
  report(figures);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measureLayout(name: string): Promise<Figure[]> {
  const [small, large] = [await write(name, BYTES / 16), await write(name, BYTES)];
  const [few, many, parsed]: [Run[], Run[], Run[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    few.push(await replay(small));
    many.push(await replay(large));
    if (name === 'JSON lines') parsed.push(await readAndParse(large));
  }
  for (const { file } of [small, large]) await rm(file);

  const time = (runs: readonly Run[]): number => median(runs.map((run) => run.seconds));
  const peak = (runs: readonly Run[]): number => Math.max(...runs.map((run) => run.peak));
  const what = `replay of ${megabytes(large.megabytes)} of ${name}`;
  const memory = ratioFigure(
    [`${what}, peak memory`, peak(many)],
    [`of ${megabytes(small.megabytes)}`, peak(few)],
    { atMost: MOST_GROWTH },
    megabytes,
  );
  return [
    parsed.length > 0
      ? ratioFigure([what, time(many)], ['each line read and parsed', time(parsed)], {}, seconds)
      : { what, value: seconds(time(many)) },
    {
      ...memory,
      goal: `${memory.goal}, and under ${MOST_MEGABYTES} MB`,
      met: memory.met === true && peak(many) < MOST_MEGABYTES,
    },
  ];
}

/** A file of recorded events. */
interface Recorded {
  readonly file: string;
  readonly megabytes: number;
  readonly events: number;
}

async function write(name: string, bytes: number): Promise<Recorded> {
  const file = join(folder, `${bytes}.json`);
  const events = await writeEvents(file, LAYOUTS[name] as (typeof LAYOUTS)[string], bytes);
  return { file, events, megabytes: (await stat(file)).size / 1024 / 1024 };
}

async function replay({ file, events }: Recorded): Promise<Run> {
  const run = await replayAndMeasure(installed.command, file, allowlist);
  // Half of the grants are a stranger's, so 2 is what replay must end with.
  if (run.exitCode !== 2) throw new Error(`replay ended with ${run.exitCode}: ${run.said}`);
  mustBe('results', run.results, events);
  return run;
}

async function readAndParse({ file, events }: Recorded): Promise<Run> {
  let written = '';
  const run = await runAndMeasure(parser, [file], {
    onOutput: (chunk) => {
      written += chunk;
    },
  });
  mustBe('lines', Number(written), events);
  return run;
}
