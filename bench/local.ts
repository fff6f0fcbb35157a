// How many signed requests the local ElastiCache answers a second, by the number of groups stored, beside the same HTTP
// server answering a fixed body: `npm run bench -- local`. The server has a process, and so a core, of its own. Round by
// round, so that a busy moment of the machine does not hit one of them alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { markdownTable } from 'markdown-table';
import { measure, type SignedRequest, signRequests } from './local-load.ts';

const GOAL_A_SECOND = 2_000;
const GOAL_FLAT = 1.2;
const ROUNDS = 7;
const REQUESTS = 5_000;
const SIZES = ['10', '1000', 'fixed'];

const servers = await Promise.all(SIZES.map(start));
const rates = servers.map((): number[] => []);
for (let round = -1; round < ROUNDS; round++) {
  for (const [i, { url, requests }] of servers.entries()) {
    const rate = await measure(url, requests, REQUESTS, SIZES[i] !== 'fixed');
    // The first round only warms up.
    if (round >= 0) rates[i]?.push(rate);
  }
}
for (const { stop } of servers) stop();

const [few = 0, many = 0, fixed = 0] = rates.map(median);
console.log(`signed requests a second: median of ${ROUNDS} rounds of ${REQUESTS}, 32 at a time\n`);
console.log(
  markdownTable(
    [
      ['', 'requests a second', 'goal'],
      ['10 groups', few.toFixed(0), ''],
      ['1,000 groups', many.toFixed(0), `at least ${GOAL_A_SECOND}`],
      ['a fixed body', fixed.toFixed(0), ''],
      ['1,000 groups / fixed body', (many / fixed).toFixed(2), ''],
      ['10 groups / 1,000 groups', (few / many).toFixed(2), `at most ${GOAL_FLAT}`],
    ],
    { align: ['l', 'r', 'l'] },
  ),
);
if (many < GOAL_A_SECOND || few / many > GOAL_FLAT) process.exitCode = 1;

async function start(kind: string): Promise<{ url: URL; requests: SignedRequest[]; stop: () => void }> {
  const file = fileURLToPath(new URL('local-server.ts', import.meta.url));
  const server = spawn(process.execPath, [file, kind], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: server.stdout }), 'line');
  const url = new URL(line);
  return { url, requests: await signRequests(url, Number(kind) || 1), stop: () => void server.kill() };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
