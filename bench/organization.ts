// What an audit of an organization costs next to its API calls: `npm run bench -- organization` (`node bench/organization.ts
// --accounts 20 --rounds 1` for a small one).
//
// A stand-in for AWS, in a process of its own for each size, has so many accounts in 17 regions. 5 % of them fail in each of six
// ways. `ingress-guard audit --organization`, built as it is installed, evaluates them, and the same calls are made bare, with the
// SDK alone; each in a new process. Every place must be in the report with the right word, and with its findings.
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { AuditReport } from '../src/report/audit-report.ts';
import { median, mustBe, ratioFigure, report as tell } from './figures.ts';
import { accountAt, expectedWord, failureOf, REGIONS } from './organization-places.ts';
import type { Measured } from './organization-run.ts';
import { toldBy } from './told-by.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, accounts: { type: 'string', default: '500' } },
});
const ROUNDS = Number(values.rounds);
const ACCOUNTS = Number(values.accounts);
const MOST_MEGABYTES = 400;

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

async function build(): Promise<void> {
  const compiler = file('../node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', file('tsconfig.json'), '--outDir', folder]);
  await copyFile(file('../package.json'), join(folder, 'package.json'));
  await symlink(file('../node_modules'), join(folder, 'node_modules'));
}

type What = 'audit' | 'bare';

/** A stand-in with so many accounts, and what was measured at it. */
interface Site {
  readonly accounts: number;
  readonly process: ChildProcess;
  readonly url: string;
  readonly measured: Record<What, Measured[]>;
}

async function startSite(accounts: number): Promise<Site> {
  const child = fork(file('organization-aws.ts'), [String(accounts)]);
  const [url] = (await once(child, 'message')) as [string];
  return { accounts, process: child, url, measured: { audit: [], bare: [] } };
}

async function askCalls(site: Site): Promise<Readonly<Record<string, number>>> {
  site.process.send('calls');
  const [calls] = await once(site.process, 'message');
  return calls as Record<string, number>;
}

async function run(what: What, url: string): Promise<Measured> {
  const options = [
    '--organization',
    '--region',
    ...REGIONS,
    '--allowlist',
    allowlist,
    '--format',
    'json',
    '--out',
    report,
  ];
  const child = fork(join(folder, 'bench/organization-run.js'), [what, ...options], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: url,
      AWS_REGION: REGIONS[0],
      AWS_ACCESS_KEY_ID: 'AKIA100000000000',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
  });
  const { message, said } = await toldBy<Measured>(child);
  // 1: not every place could be evaluated.
  if (message?.exitCode !== 1) throw new Error(`${what} did not do its work: ${said}`);
  return message;
}

/** Every place must be there, with the right word and its findings. */
function check({ targets = [], findings, complete }: AuditReport, accounts: number): void {
  mustBe('complete', complete, false);
  mustBe('places', targets.length, accounts * REGIONS.length);
  const wordOf = new Map(
    targets.map((one) => [`${one.account} ${one.region}`, `${one.status}${'why' in one ? ` ${one.why}` : ''}`]),
  );
  const found = Map.groupBy(findings, ({ grant }) => `${grant.account} ${grant.region}`);
  for (let index = 0; index < accounts; index++) {
    for (const region of REGIONS) {
      const place = `${accountAt(index)} ${region}`;
      const word = expectedWord(accountAt(index), region);
      mustBe(place, wordOf.get(place), word);
      mustBe(`findings of ${place}`, found.get(place)?.length ?? 0, word === 'judged' ? 1 : 0);
    }
  }
}

const isActive = (account: string): boolean => failureOf(account) !== 'suspended';

async function measure(site: Site, what: What): Promise<void> {
  const { accounts, url, measured } = site;
  measured[what].push(await run(what, url));
  const calls = await askCalls(site);
  mustBe(`${what}: pages of accounts`, calls.ListAccounts, Math.ceil(accounts / 20));
  const active = Array.from({ length: accounts }, (_, index) => accountAt(index)).filter(isActive);
  mustBe(`${what}: sessions`, calls.AssumeRole, active.length);
  if (what === 'audit') check(JSON.parse(await readFile(report, 'utf8')), accounts);
}

function sumUp({ measured }: Site) {
  const [audit, api] = (['audit', 'bare'] as const).map((what) =>
    median(measured[what].map(({ milliseconds }) => milliseconds)),
  ) as [number, number];
  return { audit, api, megabytes: Math.max(...measured.audit.map(({ peakKilobytes }) => peakKilobytes)) / 1024 };
}

const folder = await mkdtemp(join(tmpdir(), 'bench-organization-'));
const [report, allowlist] = [join(folder, 'report.json'), join(folder, 'allowlist.yaml')];
const sites: Site[] = [];
try {
  await build();
  await writeFile(
    allowlist,
    `version: 1\nrules:\n  - id: office\n    caches: ['*']\n    cidrs: [10.0.0.0/16]\n    organizationalUnits: [ou-0001-00000001]\n`,
  );
  for (const accounts of [ACCOUNTS, ACCOUNTS * 2]) sites.push(await startSite(accounts));
  for (let round = 0; round < ROUNDS; round++) {
    const order: readonly What[] = round % 2 === 0 ? ['bare', 'audit'] : ['audit', 'bare'];
    for (const site of sites) for (const what of order) await measure(site, what);
  }
  const [one, twice] = sites.map(sumUp) as [ReturnType<typeof sumUp>, ReturnType<typeof sumUp>];
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  const megabytes = (mb: number): string => `${mb.toFixed(0)} MB`;
  const name = `audit of ${ACCOUNTS} accounts × ${REGIONS.length} regions, 30 % failing`;
  tell([
    ratioFigure([name, one.audit], ['its API calls alone', one.api], { atMost: 1.3 }, seconds),
    ratioFigure(['of twice the accounts', twice.audit], [name, one.audit], { atMost: 2.2 }, seconds),
    {
      what: `${name}, peak memory`,
      value: megabytes(one.megabytes),
      goal: `at most ${MOST_MEGABYTES} MB`,
      met: one.megabytes <= MOST_MEGABYTES,
    },
    ratioFigure(
      ['of twice the accounts, peak memory', twice.megabytes],
      [name, one.megabytes],
      { atMost: 1.2 },
      megabytes,
    ),
  ]);
} finally {
  for (const site of sites) site.process.disconnect();
  await rm(folder, { recursive: true, force: true });
}
