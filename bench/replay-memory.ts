// How much memory `ingress-guard replay` takes for a large file: `node bench/replay-memory.ts --megabytes 1024`.
// Writes the file, replays it in a process of its own, and reads from the operating system what that one took at most.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { replayAndMeasure } from '../test/support/commands/replay-and-measure.ts';
import { installBuilt } from '../test/support/packaged/installed.ts';
import { type Figure, mustBe, report } from './figures.ts';
import { ALLOWLIST, LAYOUTS, writeEvents } from './recorded-events.ts';

const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '1024' } } });
const bytesWanted = Number(values.megabytes) * 1024 * 1024;
const MOST_MEGABYTES = 200;

const figures: Figure[] = [];
await using installed = await installBuilt();
const folder = await mkdtemp(join(tmpdir(), 'replay-memory-'));
try {
  const allowlist = join(folder, 'allowlist.yaml');
  await writeFile(allowlist, ALLOWLIST);
  for (const [name, layout] of Object.entries(LAYOUTS)) {
    const file = join(folder, 'events.json');
    const count = await writeEvents(file, layout, bytesWanted);
    const megabytes = (await stat(file)).size / 1024 / 1024;
    const { exitCode, results, said, peak } = await replayAndMeasure(installed.command, file, allowlist);
    // Half of the grants are a stranger's, so 2 is what replay must end with.
    if (exitCode !== 2) throw new Error(`replay ended with ${exitCode}: ${said}`);
    mustBe('results', results, count);
    figures.push({
      what: `replay of ${megabytes.toFixed(0)} MB of ${name}, peak memory`,
      value: `${peak.toFixed(0)} MB`,
      goal: `under ${MOST_MEGABYTES} MB`,
      met: peak < MOST_MEGABYTES,
    });
    await rm(file);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
report(figures);
