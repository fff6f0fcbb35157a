// What an audit costs beside its API calls: `npm run bench -- audit` (`node bench/audit.ts --rounds 9` for more rounds).
//
// A local ElastiCache in a process of its own has cache security groups with 20 grants each, of which 1 % is denied. They
// are put there over HTTP, by unsigned calls over kept connections. `ingress-guard audit`, built as it is installed, then
// revokes what is denied, and the same calls are made bare, with the SDK alone; each round in new processes, and with the
// grants put back between them. After each run the endpoint is asked whether the work was done.
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { markdownTable } from 'markdown-table';
import pMap from 'p-map';
import type { AuditReport } from '../src/report/audit-report.ts';
import type { Measured } from './audit-run.ts';
import type { EndpointState } from './audited-aws.ts';
import { ACCOUNT, benchAllowlist, benchGrant, groupsFor, isDenied, REGION, STRANGER } from './audited-grants.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const ROUNDS = Number(values.rounds);
const SIZES = [50_000, 100_000];
const MOST_MEGABYTES = 300;
const MOST_OF_API_TIME = 1 / 5;
const MOST_FOR_TWICE = 2;

const folder = await mkdtemp(join(tmpdir(), 'bench-audit-'));
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const aws = fork(file('audited-aws.ts'));
const [url] = (await once(aws, 'message')) as [string];

async function askState(): Promise<EndpointState> {
  aws.send('state');
  const [state] = await once(aws, 'message');
  return state as EndpointState;
}

function call(agent: Agent, Action: string, parameters: object): Promise<void> {
  const body = String(new URLSearchParams({ Action, Version: '2015-02-02', ...parameters }));
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${Action} was answered ${response.statusCode}`));
      });
    });
    sent.on('error', reject).end(body);
  });
}

/** Makes a call with each of these parameters, over connections that are kept while there is something to call. */
async function callAll(action: string, parameters: readonly object[]): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  await pMap(parameters, (one) => call(agent, action, one), { concurrency: 8 });
  agent.destroy();
}

const authorize = (numbers: readonly number[]): Promise<void> =>
  callAll('AuthorizeCacheSecurityGroupIngress', numbers.map(benchGrant));

async function populate(from: number, to: number): Promise<void> {
  const names = groupsFor(to).slice(groupsFor(from).length);
  const groups = names.map((CacheSecurityGroupName) => ({ CacheSecurityGroupName, Description: 'a' }));
  await callAll('CreateCacheSecurityGroup', groups);
  await authorize(Array.from({ length: to - from }, (_, index) => from + index));
}

/** Builds what is measured: Node's own way of running TypeScript takes memory that the installed command does not. */
async function buildInto(folder: string): Promise<void> {
  const compiler = file('../node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', file('tsconfig.json'), '--outDir', folder]);
  await copyFile(file('../package.json'), join(folder, 'package.json'));
  await symlink(file('../node_modules'), join(folder, 'node_modules'));
}

async function runOnce(what: 'audit' | 'bare', options: readonly string[]): Promise<Measured> {
  const child = fork(join(folder, 'bench/audit-run.js'), [what, ...options], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL_ELASTICACHE: url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
  });
  let measured: Measured | undefined;
  let said = '';
  child.once('message', (message) => {
    measured = message as Measured;
  });
  child.stderr?.on('data', (text) => {
    said += text;
  });
  await once(child, 'close');
  if (measured === undefined || measured.exitCode !== 2) throw new Error(`${what} did not do its work: ${said}`);
  return measured;
}

/** Fails unless these are equal. */
function mustBe(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what}: it should be ${expected}, and is ${actual}`);
}

function mustHaveDoneAll(what: string, grants: number, state: EndpointState): void {
  const denied = grants / 100;
  mustBe(`${what}: allowed grants that stand`, state.standing[ACCOUNT], grants - denied);
  mustBe(`${what}: denied grants that stand`, state.standing[STRANGER] ?? 0, 0);
  mustBe(`${what}: pages listed`, state.calls.DescribeCacheSecurityGroups, Math.ceil((grants / 20 + 1) / 100));
  mustBe(`${what}: revocations`, state.calls.RevokeCacheSecurityGroupIngress, denied);
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;

async function measure(grants: number) {
  const [report, allowlist] = [join(folder, 'report.json'), join(folder, 'allowlist.yaml')];
  const options = ['--allowlist', allowlist, '--mode', 'enforce', '--max-revocations', 'unlimited'];
  const denied = Array.from({ length: grants }, (_, number) => number).filter(isDenied);
  const audits: Measured[] = [];
  const bares: Measured[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Each goes first every other time.
    for (const what of round % 2 === 0 ? (['bare', 'audit'] as const) : (['audit', 'bare'] as const)) {
      await askState();
      const measured = await runOnce(what, [...options, '--format', 'json', '--out', report]);
      mustHaveDoneAll(`${what} of ${grants}`, grants, await askState());
      await authorize(denied);
      (what === 'audit' ? audits : bares).push(measured);
      if (process.env.DEBUG_BENCH) console.log(what, grants, Math.round(measured.milliseconds), Math.round(measured.peakKilobytes/1024));
    }
    const { complete, counts }: AuditReport = JSON.parse(await readFile(report, 'utf8'));
    mustBe('complete', complete, true);
    mustBe('grants judged', counts.judged, grants);
    mustBe('grants revoked', counts.outcomes.revoked, grants / 100);
  }
  const audit = median(audits.map(({ milliseconds }) => milliseconds));
  const api = median(bares.map(({ milliseconds }) => milliseconds));
  const megabytes = Math.max(...audits.map(({ peakKilobytes }) => peakKilobytes)) / 1024;
  return { grants, audit, api, own: audit - api, megabytes };
}

try {
  await buildInto(folder);
  await writeFile(join(folder, 'allowlist.yaml'), benchAllowlist());
  const results: Awaited<ReturnType<typeof measure>>[] = [];
  for (const [index, grants] of SIZES.entries()) {
    await populate(SIZES[index - 1] ?? 0, grants);
    results.push(await measure(grants));
  }
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  console.log(
    markdownTable(
      [
        ['grants', 'denied', 'audit', 'its API calls alone', 'own', 'own / API', 'peak memory'],
        ...results.map(({ grants, audit, api, own, megabytes }) => [
          ...[grants.toLocaleString('en'), (grants / 100).toLocaleString('en'), seconds(audit), seconds(api)],
          ...[seconds(own), (own / api).toFixed(2), `${megabytes.toFixed(0)} MB`],
        ]),
      ],
      { align: 'r' },
    ),
  );
  const [half, whole] = results as [(typeof results)[number], (typeof results)[number]];
  const growth = whole.audit / half.audit;
  console.log(
    `\nTwice the grants take ${growth.toFixed(2)} times as long. Medians of ${ROUNDS} rounds; the largest peak.`,
  );
  const missed = [
    whole.own > whole.api * MOST_OF_API_TIME && `its own time is more than ${MOST_OF_API_TIME} of the API's`,
    whole.megabytes >= MOST_MEGABYTES && `it takes ${MOST_MEGABYTES} MB or more`,
    growth > MOST_FOR_TWICE && `twice the grants take more than ${MOST_FOR_TWICE} times as long`,
  ].filter((miss) => miss !== false);
  if (missed.length > 0) throw new Error(missed.join('; '));
} finally {
  aws.disconnect();
  await rm(folder, { recursive: true, force: true });
}
