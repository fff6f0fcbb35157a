// How many signed requests the local ElastiCache answers a second, by the number of groups stored, beside the same HTTP
// server answering a fixed body: `npm run bench -- local`. The server has a process, and so a core, of its own. Round by
// round, so that a busy moment of the machine does not hit one of them alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, ratioFigure, report } from './figures.ts';
import { measure, type SignedRequest, signRequests } from './local-load.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const ROUNDS = Number(values.rounds);
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

const [few = 0, many = 0, fixed = 0] = rates.map((all) => median(all));
const perSecond = (rate: number): string => `${Math.round(rate).toLocaleString('en')} a second`;
const what = 'local AWS, signed requests, 1,000 groups';
report([
  ratioFigure([what, many], ['a fixed body', fixed], { atLeast: 0.3 }, perSecond),
  { what, value: perSecond(many), goal: 'at least 2,000', met: many >= 2_000 },
  ratioFigure([what, many], ['10 groups', few], { atLeast: 0.83 }, perSecond),
]);

async function start(kind: string): Promise<{ url: URL; requests: SignedRequest[]; stop: () => void }> {
  const file = fileURLToPath(new URL('local-server.ts', import.meta.url));
  const server = spawn(process.execPath, [file, kind], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: server.stdout }), 'line');
  const url = new URL(line);
  return { url, requests: await signRequests(url, Number(kind) || 1), stop: () => void server.kill() };
}
