// The packaged function for security groups, for the event that nearly all events are: of a group that guards no cache.
// `npm run bench -- security-group` (`node bench/security-group.ts --rounds 21` for more rounds).
//
// A cold one asks ElastiCache which caches there are, as the smallest handler does that it is compared with; a warm one asks
// nobody. How quickly grants are judged is measured beside it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startApiEndpoint } from '../src/local/api-endpoint.ts';
import { systemClock } from '../src/local/clock.ts';
import { CompiledAllowlist } from '../src/policy/compile-allowlist.ts';
import { decide } from '../src/policy/decision.ts';
import type { VpcGrant } from '../src/policy/grant.ts';
import { sampleEvent } from '../test/events/sample-events.ts';
import { ACCOUNT, REGION } from '../test/support/grants.ts';
import { bundle, packageFunctions, taskRunner } from './enforce/bundles.ts';
import { startFigure } from './enforce/start-figure.ts';
import { type Figure, median, mustBe, ratioFigure, report } from './figures.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
const ROUNDS = Number(values.rounds);
const WARM_CALLS = 3_000;
const DECISIONS = 100_000;
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
    ...measureDecisions(),
  ]);
} finally {
  await endpoint.close();
  await rm(folder, { recursive: true, force: true });
}

/** Decisions on grants of caches: half of them allowed by one rule each, half denied. */
function measureDecisions(): Figure[] {
  const sizes = [10, 1_000] as const;
  const took = new Map(sizes.map((size) => [size, [] as number[]]));
  const judged = sizes.map((size) => ({ size, allowlist: allowlistOf(size), grants: grantsOf(size) }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { size, allowlist, grants } of judged) {
      const now = new Date();
      let allowed = 0;
      const started = performance.now();
      for (let i = 0; i < DECISIONS; i++) {
        if (decide(grants[i % grants.length] as VpcGrant, allowlist, now).effect === 'allow') allowed++;
      }
      took.get(size)?.push((performance.now() - started) / DECISIONS);
      mustBe('allowed', allowed, DECISIONS / 2);
    }
  }
  const [few = 0, many = 0] = sizes.map((size) => median(took.get(size) ?? []));
  const us = (ms: number): string => `${(ms * 1000).toFixed(2)} µs`;
  return [ratioFigure(['decide, a range to a cache, 1,000 rules, half denied', many], ['10 rules', few], {}, us)];
}

function allowlistOf(rules: number): CompiledAllowlist {
  return new CompiledAllowlist({
    version: 1,
    rules: Array.from({ length: rules }, (_, n) => ({
      id: `rule-${n}`,
      caches: [`cache-${n}`, `cache-${n}-*`],
      cidrs: [`10.${n >> 8}.${n & 255}.0/24`, '192.168.0.0/16'],
    })),
  });
}

function grantsOf(rules: number): VpcGrant[] {
  return Array.from({ length: 200 }, (_, i) => {
    const n = Math.floor((i * rules) / 200);
    return {
      account: ACCOUNT,
      region: REGION,
      target: {
        cacheName: `cache-${n}`,
        ports: [6379],
        securityGroupId: 'sg-0123456789abcdef0',
        securityGroupRuleId: 'sgr-0123456789abcdef0',
      },
      source: { cidr: i % 2 === 0 ? `10.${n >> 8}.${n & 255}.128/25` : '0.0.0.0/0' },
    };
  });
}
