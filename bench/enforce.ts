// The packaged functions for events next to the smallest handlers that do the same: `npm run bench -- enforce`
// (`node bench/enforce.ts --rounds 21` for more rounds). And how large packages are.
//
// `serverless package` makes the function as it is deployed; the smallest handlers are bundled with the same options of
// esbuild, and once more with our plugins, which leave out what is not needed of the SDK. Every start has a new process and is
// timed from importing the handler to its first outcome, round by round, so that a busy moment of the machine does not hit one
// of them alone. Revocations go to a local ElastiCache, which is asked afterwards whether they happened.
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { startApiEndpoint } from '../src/local/api-endpoint.ts';
import { systemClock } from '../src/local/clock.ts';
import bundlePlugins from '../stack/packaging/esbuild-plugins.ts';
import { sampleEvent, withChanges } from '../test/events/sample-events.ts';
import { ACCOUNT, REGION, STRANGER } from '../test/support/examples/grants.ts';
import { installBuilt } from '../test/support/packaged/installed.ts';
import { readZip } from '../test/support/packaged/unzip.ts';
import { bundle, packageFunctions, taskRunner } from './enforce/bundles.ts';
import { measureMemory } from './enforce/memory.ts';
import { startFigure } from './enforce/start-figure.ts';
import { type Figure, mustBe, ratioFigure, report } from './figures.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
const ROUNDS = Number(values.rounds);
const WARM_CALLS = 3_000;
const MEMORY_ROUNDS = Math.min(3, ROUNDS);

const OWNER_ID = 'detail.requestParameters.eC2SecurityGroupOwnerId';
const ALLOWED = withChanges(sampleEvent('authorize-ingress'), { [OWNER_ID]: ACCOUNT });
const DENIED = withChanges(sampleEvent('authorize-ingress'), { [OWNER_ID]: STRANGER });
/** As most events about security groups: of one that guards no cache. */
const NO_CACHE = sampleEvent('authorize-security-group-ingress');
const GRANT = {
  CacheSecurityGroupName: 'sessions',
  EC2SecurityGroupName: 'web',
  EC2SecurityGroupOwnerId: STRANGER,
};

const folder = await mkdtemp(join(tmpdir(), 'bench-enforce-'));
const calls: string[] = [];
const endpoint = await startApiEndpoint(
  { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: 0 },
  systemClock(),
  ({ action }) => calls.push(action),
);
const run = await taskRunner(folder, endpoint.url);
try {
  const handlers = await makeHandlers();
  const allowed = { event: ALLOWED, outcome: 'allowed' };
  // The grant is not there then, so that no revocation changes what the next one meets.
  const denied = { event: DENIED, outcome: 'already-gone' };
  await call('CreateCacheSecurityGroup', { CacheSecurityGroupName: 'sessions', Description: 'sessions' });
  report([
    ...(await measureStarts(handlers)),
    ...(await measureWarm(handlers)),
    ...(await measureStartsWithoutCache(handlers)),
    ...(await measureWarmWithoutCache(handlers)),
    ...(await measureSizes(handlers)),
    ...(await measureMemory('allowed', run, handlers.ours, [allowed], MEMORY_ROUNDS)),
    ...(await measureMemory('a tenth denied', run, handlers.ours, [...Array(9).fill(allowed), denied], MEMORY_ROUNDS)),
  ]);
} finally {
  await endpoint.close();
  await rm(folder, { recursive: true, force: true });
}

interface Handlers {
  readonly ours: string;
  readonly smallest: string;
  readonly smallestRevoking: string;
  /** The function for security groups, and a handler that lists caches, as the function must without its index of them. */
  readonly forSecurityGroups: string;
  readonly smallestDescribing: string;
  /** The first two, with our plugins. */
  readonly trimmed: string;
  readonly trimmedRevoking: string;
}

async function makeHandlers(): Promise<Handlers> {
  const functions = await packageFunctions(folder);
  const names = ['smallest', 'smallest-revoking'];
  const all = await bundle(folder, [...names, 'smallest-describing'], 'plain');
  const [smallest = '', smallestRevoking = '', smallestDescribing = ''] = all;
  const plugins = bundlePlugins({ service: { provider: {} } });
  const [trimmed = '', trimmedRevoking = ''] = await bundle(folder, names, 'trimmed', { plugins });
  const ours = await functions.unpack('enforceIngress', 'enforce-ingress');
  const forSecurityGroups = await functions.unpack('enforceSecurityGroup', 'enforce-security-group');
  return { ours, smallest, smallestRevoking, forSecurityGroups, smallestDescribing, trimmed, trimmedRevoking };
}

async function measureStarts(handlers: Handlers): Promise<Figure[]> {
  const allowed = { ours: [], smallest: [], trimmed: [] } as Record<string, number[][]>;
  const denied = { ours: [], smallestRevoking: [], trimmedRevoking: [] } as Record<string, number[][]>;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, times] of Object.entries(allowed)) {
      const handler = handlers[name as keyof Handlers];
      const { milliseconds, answers } = await run({ kind: 'start', handler, event: ALLOWED });
      if (name === 'ours') mustBe('the outcome', outcomeOf(answers[0]), 'allowed');
      times.push([...milliseconds]);
    }
    for (const [name, times] of Object.entries(denied)) {
      await call('AuthorizeCacheSecurityGroupIngress', GRANT);
      mustBe('grants before', standing(), 1);
      const handler = handlers[name as keyof Handlers];
      const event = name === 'ours' ? DENIED : GRANT;
      const { milliseconds, answers } = await run({ kind: 'start', handler, event });
      if (name === 'ours') mustBe('the outcome', outcomeOf(answers[0]), 'revoked');
      mustBe(`grants after ${name}`, standing(), 0);
      times.push([...milliseconds]);
    }
  }
  return [
    startFigure('cold start, allowed', allowed.ours, 'smallest handler', allowed.smallest, { atMost: 0.5 }),
    startFigure('', allowed.ours, 'the same, SDK trimmed as ours', allowed.trimmed, {}),
    startFigure('cold start, denied', denied.ours, 'smallest handler that revokes', denied.smallestRevoking, {
      atMost: 1.15,
    }),
    startFigure('', denied.ours, 'the same, SDK trimmed as ours', denied.trimmedRevoking, {}),
  ];
}

async function measureWarm({ ours, smallestRevoking }: Handlers): Promise<Figure[]> {
  const compared = [
    { handler: ours, event: DENIED },
    { handler: smallestRevoking, event: GRANT },
  ];
  const calls = WARM_CALLS;
  const { milliseconds, answers, requests } = await run({ kind: 'warm', calls, handlers: compared });
  mustBe('the outcome', outcomeOf(answers[0]), 'revoked');
  if (requests < 2 * calls) throw new Error(`${requests} requests were made, and not ${2 * calls} or more`);
  const [denied = 0, bare = 0] = milliseconds;
  const alone = await run({ kind: 'warm', calls, handlers: [{ handler: ours, event: ALLOWED }] });
  mustBe('the outcome', outcomeOf(alone.answers[0]), 'allowed');
  const [allowed = 0] = alone.milliseconds;
  const us = (value: number): string => `${(value * 1000).toFixed(0)} µs`;
  const figure = ratioFigure(['warm, denied, HTTP stubbed', denied], ['the bare SDK call', bare], { atMost: 1.5 }, us);
  return [
    { ...figure, goal: `${figure.goal}, and under 1 ms`, met: figure.met === true && denied < 1 },
    { what: 'warm, allowed, logs and metrics on', value: us(allowed), goal: 'under 100 µs', met: allowed < 0.1 },
  ];
}

async function measureStartsWithoutCache({ forSecurityGroups, smallestDescribing }: Handlers): Promise<Figure[]> {
  const compared = [
    { handler: forSecurityGroups, starts: [] as number[][] },
    { handler: smallestDescribing, starts: [] as number[][] },
  ];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { handler, starts } of compared) {
      calls.length = 0;
      const { milliseconds, answers } = await run({ kind: 'start', handler, event: NO_CACHE });
      if (handler === forSecurityGroups) mustBe('the outcome', outcomeOf(answers[0]), 'ignored');
      mustBe(
        `calls of ${basename(handler)}`,
        calls.toSorted().join(),
        'DescribeCacheClusters,DescribeServerlessCaches',
      );
      starts.push([...milliseconds]);
    }
  }
  const [ours, smallest] = compared.map(({ starts }) => starts);
  const [what, beside] = ['cold start, a group that guards no cache', 'smallest handler that lists caches'];
  return [startFigure(what, ours, beside, smallest, { atMost: 1.15 })];
}

async function measureWarmWithoutCache({ forSecurityGroups: handler }: Handlers): Promise<Figure[]> {
  const warm = await run({ kind: 'warm', calls: WARM_CALLS, handlers: [{ handler, event: NO_CACHE }] });
  mustBe('the outcome', outcomeOf(warm.answers[0]), 'ignored');
  // The index of caches is read once a minute.
  if (warm.requests > 4) throw new Error(`${warm.requests} calls were made for ${WARM_CALLS} warm events`);
  const [ignored = 0] = warm.milliseconds;
  const value = `${(ignored * 1000).toFixed(0)} µs`;
  return [{ what: 'warm, a group that guards no cache: no call', value, goal: 'under 100 µs', met: ignored < 0.1 }];
}

async function measureSizes(handlers: Handlers): Promise<Figure[]> {
  const ours = zipped([...(await readZip(join(folder, 'package/enforceIngress.zip'))).values()]);
  const sizeOf = async (handler: string): Promise<number> => {
    const files = await readdir(dirname(handler));
    return zipped(await Promise.all(files.map((file) => readFile(join(dirname(handler), file)))));
  };
  const kb = (value: number): string => `${(value / 1000).toFixed(1)} KB`;
  return [
    ratioFigure(['zipped bundle', ours], ['smallest handler', await sizeOf(handlers.smallest)], { atMost: 1.2 }, kb),
    ratioFigure(['', ours], ['the same, SDK trimmed as ours', await sizeOf(handlers.trimmed)], {}, kb),
    ...(await measurePackages(kb)),
  ];
}

/** The zips that are deployed, and what npm installs, with its one dependency. */
async function measurePackages(kb: (value: number) => string): Promise<Figure[]> {
  const zips = (await readdir(join(folder, 'package'))).filter((file) => file.endsWith('.zip')).sort();
  const figures: Figure[] = [];
  for (const zip of zips) {
    const { size } = await stat(join(folder, 'package', zip));
    figures.push({ what: `package of ${basename(zip, '.zip')}, zipped`, value: kb(size) });
  }
  await using installed = await installBuilt();
  const root = dirname(dirname(installed.command));
  const bytes = (await sizeOfFolder(root)) + (await sizeOfFolder('node_modules/yaml'));
  const value = `${(bytes / 1_000_000).toFixed(1)} MB`;
  return [
    ...figures,
    { what: 'an install of the command, with yaml', value, goal: 'under 10 MB', met: bytes < 10_000_000 },
  ];
}

/** How many bytes its files have. Links are not followed. */
async function sizeOfFolder(path: string): Promise<number> {
  const files = (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** How many bytes these files take in a package. */
function zipped(files: readonly Buffer[]): number {
  return files.reduce((sum, file) => sum + deflateRawSync(file).length, 0);
}

async function call(Action: string, parameters: object): Promise<void> {
  const body = new URLSearchParams({ Action, Version: '2015-02-02', ...parameters });
  const { status } = await fetch(endpoint.url, { method: 'POST', body });
  mustBe(`the answer to ${Action}`, status, 200);
}

/** How many grants stand. */
function standing(): number {
  return endpoint.list(REGION).flatMap((group) => group.EC2SecurityGroups).length;
}

function outcomeOf(answer: unknown): unknown {
  return (answer as { outcome?: unknown }).outcome;
}
