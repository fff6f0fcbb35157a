// What an audit costs beside its API calls: `npm run bench -- audit` (`node bench/audit.ts --rounds 19` for more rounds).
//
// A local ElastiCache for each size, in a process of its own, has cache security groups with 20 grants each, of which 1 % is
// denied. They are put there over HTTP, by unsigned calls over kept connections. `ingress-guard audit`, built as it is
// installed, then revokes what is denied, and the same calls are made bare, with the SDK alone; each in a new process, round by
// round, so that a busy moment of the machine does not hit one of them alone. After each the endpoint is asked whether the
// work was done, and the grants are put back.
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import pMap from 'p-map';
import type { AuditReport } from '../src/report/audit-report.ts';
import type { Measured } from './audit-run.ts';
import type { EndpointState } from './audited-aws.ts';
import { ACCOUNT, benchAllowlist, benchGrant, groupsFor, isDenied, REGION, STRANGER } from './audited-grants.ts';
import { median, mustBe, ratioFigure, report as tell } from './figures.ts';
import { toldBy } from './told-by.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const ROUNDS = Number(values.rounds);
const SIZES = [50_000, 100_000];
const MOST_MEGABYTES = 300;

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Builds what is measured: Node's own way of running TypeScript takes memory that the installed command does not. */
async function build(): Promise<void> {
  const compiler = file('../node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', file('tsconfig.json'), '--outDir', folder]);
  await copyFile(file('../package.json'), join(folder, 'package.json'));
  await symlink(file('../node_modules'), join(folder, 'node_modules'));
}

type What = 'audit' | 'bare';

/** A local ElastiCache with so many grants, and what was measured at it. */
interface Site {
  readonly grants: number;
  readonly process: ChildProcess;
  readonly url: string;
  readonly measured: Record<What, Measured[]>;
}

async function startSite(grants: number): Promise<Site> {
  const child = fork(file('audited-aws.ts'));
  const [url] = (await once(child, 'message')) as [string];
  const groups = groupsFor(grants).map((CacheSecurityGroupName) => ({ CacheSecurityGroupName, Description: 'a' }));
  await callAll(url, 'CreateCacheSecurityGroup', groups);
  await callAll(
    url,
    'AuthorizeCacheSecurityGroupIngress',
    Array.from({ length: grants }, (_, n) => benchGrant(n)),
  );
  return { grants, process: child, url, measured: { audit: [], bare: [] } };
}

async function askState(site: Site): Promise<EndpointState> {
  site.process.send('state');
  const [state] = await once(site.process, 'message');
  return state as EndpointState;
}

/** Makes a call with each of these parameters, over connections that are kept while there is something to call. */
async function callAll(url: string, action: string, parameters: readonly object[]): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  await pMap(parameters, (one) => call(agent, url, action, one), { concurrency: 8 });
  agent.destroy();
}

function call(agent: Agent, url: string, Action: string, parameters: object): Promise<void> {
  const body = String(new URLSearchParams({ Action, Version: '2015-02-02', ...parameters }));
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${Action} was answered ${response.statusCode}`));
      });
    });
    sent.on('error', reject).end(body);
  });
}

/** Runs one of the two in a process of its own, and ends when that has. */
async function run(what: What, url: string): Promise<Measured> {
  const options = ['--allowlist', allowlist, '--mode', 'enforce', '--max-revocations', 'unlimited'];
  const child = fork(join(folder, 'bench/audit-run.js'), [what, ...options, '--format', 'json', '--out', report], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL_ELASTICACHE: url,
      AWS_ENDPOINT_URL_STS: url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
  });
  const { message, said } = await toldBy<Measured>(child);
  // 2: disallowed grants were found.
  if (message?.exitCode !== 2) throw new Error(`${what} did not do its work: ${said}`);
  return message;
}

async function measure(site: Site, what: What): Promise<void> {
  const { grants, url, measured } = site;
  const denied = grants / 100;
  await askState(site);
  measured[what].push(await run(what, url));
  const { standing, calls } = await askState(site);
  mustBe(`${what}: allowed grants that stand`, standing[ACCOUNT], grants - denied);
  mustBe(`${what}: denied grants that stand`, standing[STRANGER] ?? 0, 0);
  mustBe(`${what}: pages listed`, calls.DescribeCacheSecurityGroups, Math.ceil((grants / 20 + 1) / 100));
  mustBe(`${what}: revocations`, calls.RevokeCacheSecurityGroupIngress, denied);
  if (what === 'audit') {
    const { complete, counts }: AuditReport = JSON.parse(await readFile(report, 'utf8'));
    mustBe('complete', complete, true);
    mustBe('grants judged', counts.judged, grants);
    mustBe('grants revoked', counts.outcomes.revoked, denied);
  }
  const revoked = Array.from({ length: grants }, (_, number) => number).filter(isDenied);
  await callAll(url, 'AuthorizeCacheSecurityGroupIngress', revoked.map(benchGrant));
}

function sumUp({ measured }: Site) {
  const [audit, api] = (['audit', 'bare'] as const).map((what) =>
    median(measured[what].map(({ milliseconds }) => milliseconds)),
  ) as [number, number];
  const megabytes = Math.max(...measured.audit.map(({ peakKilobytes }) => peakKilobytes)) / 1024;
  return { audit, api, megabytes };
}

const folder = await mkdtemp(join(tmpdir(), 'bench-audit-'));
const [report, allowlist] = [join(folder, 'report.json'), join(folder, 'allowlist.yaml')];
const sites: Site[] = [];
try {
  await build();
  await writeFile(allowlist, benchAllowlist());
  for (const grants of SIZES) sites.push(await startSite(grants));
  for (let round = 0; round < ROUNDS; round++) {
    // Each goes first every other time.
    const order: readonly What[] = round % 2 === 0 ? ['bare', 'audit'] : ['audit', 'bare'];
    for (const site of sites) for (const what of order) await measure(site, what);
  }
  const results = sites.map(sumUp);
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  const [half, whole] = results as [(typeof results)[number], (typeof results)[number]];
  const megabytes = Math.max(...results.map((result) => result.megabytes));
  tell([
    ratioFigure(
      ['audit of 100,000 grants, 1,000 denied', whole.audit],
      ['its API calls alone', whole.api],
      { atMost: 1.2 },
      seconds,
    ),
    ratioFigure(['audit of 100,000 grants', whole.audit], ['of 50,000', half.audit], { atMost: 2 }, seconds),
    {
      what: 'audit of 100,000 grants, peak memory',
      value: `${megabytes.toFixed(0)} MB`,
      goal: `under ${MOST_MEGABYTES} MB`,
      met: megabytes < MOST_MEGABYTES,
    },
  ]);
} finally {
  for (const site of sites) site.process.disconnect();
  await rm(folder, { recursive: true, force: true });
}
