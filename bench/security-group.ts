// The packaged function for security groups, for the event that nearly all events are: of a group that guards no cache.
// `npm run bench -- security-group` (`node bench/security-group.ts --rounds 21` for more rounds).
//
// A cold one asks ElastiCache which caches there are, as the smallest handler does that it is compared with; a warm one asks
// nobody.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startApiEndpoint } from '../src/local/api-endpoint.ts';
import { systemClock } from '../src/local/clock.ts';
import { sampleEvent } from '../test/events/sample-events.ts';
import { ACCOUNT, REGION } from '../test/support/examples/grants.ts';
import { bundle, packageFunctions, taskRunner } from './enforce/bundles.ts';
import { startFigure } from './enforce/start-figure.ts';
import { mustBe, report } from './figures.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
const ROUNDS = Number(values.rounds);
const WARM_CALLS = 3_000;
const EVENT = sampleEvent('authorize-security-group-ingress');

const folder = await mkdtemp(join(tmpdir(), 'bench-security-group-'));
const calls: string[] = [];
const endpoint = await startApiEndpoint(
  { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: 0 },
  systemClock(),
  ({ action }) => calls.push(action),
);
try {
  const run = await taskRunner(folder, endpoint.url);
  const functions = await packageFunctions(folder);
  const ours = await functions.unpack('enforceSecurityGroup', 'enforce-security-group');
  const [smallest = ''] = await bundle(folder, ['smallest-describing'], 'plain');

  const starts: Record<'ours' | 'smallest', number[][]> = { ours: [], smallest: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, handler] of Object.entries({ ours, smallest })) {
      calls.length = 0;
      const { milliseconds, answers } = await run({ kind: 'start', handler, event: EVENT });
      if (name === 'ours') mustBe('the outcome', (answers[0] as { outcome: string }).outcome, 'ignored');
      mustBe(`calls of ${name}`, calls.toSorted().join(), 'DescribeCacheClusters,DescribeServerlessCaches');
      starts[name as keyof typeof starts].push([...milliseconds]);
    }
  }

  const warm = await run({ kind: 'warm', calls: WARM_CALLS, handlers: [{ handler: ours, event: EVENT }] });
  mustBe('the outcome', (warm.answers[0] as { outcome: string }).outcome, 'ignored');
  // The index of caches is read once a minute.
  if (warm.requests > 4) throw new Error(`${warm.requests} calls were made for ${WARM_CALLS} warm events`);
  const [ignored = 0] = warm.milliseconds;
  report([
    startFigure(
      'cold start, a group that guards no cache',
      starts.ours,
      'smallest handler that lists caches',
      starts.smallest,
      { atMost: 1.15 },
    ),
    {
      what: 'warm, a group that guards no cache: no call',
      value: `${(ignored * 1000).toFixed(0)} µs`,
      goal: 'under 100 µs',
      met: ignored < 0.1,
    },
  ]);
} finally {
  await endpoint.close();
  await rm(folder, { recursive: true, force: true });
}
