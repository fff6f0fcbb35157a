// What an audit of an organization costs next to its API calls: `npm run bench -- organization` (`node bench/organization.ts
// --accounts 20 --rounds 1` for a small one).
//
// A stand-in for AWS, in a process of its own, has so many accounts in 17 regions. 5 % of them fail in each of six
// ways. `ingress-guard audit --organization` evaluates them, and a program makes the same calls bare; each from its start to its
// end, in a new process, in turns. Every place must be in the report with the right word, and with its findings.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { AuditReport } from '../src/report/audit-report.ts';
import type { Run } from '../test/support/commands/run-and-measure.ts';
import { auditFigures } from './audits/figures.ts';
import { accountAt, expectedWord, failureOf, REGIONS } from './audits/organization-places.ts';
import { preparePrograms, startSite } from './audits/site.ts';
import { mustBe, report } from './figures.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '2' }, accounts: { type: 'string', default: '500' } },
});
const ROUNDS = Number(values.rounds);
const ACCOUNTS = Number(values.accounts);

/** Every place must be there, with the right word and its findings. */
function check({ targets = [], findings, complete }: AuditReport): void {
  mustBe('complete', complete, false);
  mustBe('places', targets.length, ACCOUNTS * REGIONS.length);
  const wordOf = new Map(
    targets.map((one) => [`${one.account} ${one.region}`, `${one.status}${'why' in one ? ` ${one.why}` : ''}`]),
  );
  const found = Map.groupBy(findings, ({ grant }) => `${grant.account} ${grant.region}`);
  for (let index = 0; index < ACCOUNTS; index++) {
    for (const region of REGIONS) {
      const place = `${accountAt(index)} ${region}`;
      const word = expectedWord(accountAt(index), region);
      mustBe(place, wordOf.get(place), word);
      mustBe(`findings of ${place}`, found.get(place)?.length ?? 0, word === 'judged' ? 1 : 0);
    }
  }
}

const isActive = (account: string): boolean => failureOf(account) !== 'suspended';

type What = 'audit' | 'bare';
const runs: Record<What, Run[]> = { audit: [], bare: [] };

await using programs = await preparePrograms();
await using site = await startSite('organization-aws.ts', ACCOUNTS);
const [allowlist, out] = [join(programs.folder, 'allowlist.yaml'), join(programs.folder, 'report.json')];
const AUDIT = [
  ...['audit', '--organization', '--region', ...REGIONS],
  ...['--allowlist', allowlist, '--format', 'json', '--out', out],
];
await writeFile(
  allowlist,
  `version: 1
rules:
  - id: office
    caches: ['*']
    cidrs: [10.0.0.0/16]
    organizationalUnits: [ou-0001-00000001]
`,
);

async function measure(what: What): Promise<void> {
  // 1: not every place could be evaluated.
  const run =
    what === 'bare' ? programs.bareCalls(site.url, 'organization') : programs.ingressGuard(site.url, AUDIT, 1);
  runs[what].push(await run);
  const calls = await site.takeCalls();
  mustBe(`${what}: pages of accounts`, calls.ListAccounts, Math.ceil(ACCOUNTS / 20));
  const active = Array.from({ length: ACCOUNTS }, (_, index) => accountAt(index)).filter(isActive);
  mustBe(`${what}: sessions`, calls.AssumeRole, active.length);
  if (what === 'audit') check(JSON.parse(await readFile(out, 'utf8')));
}

for (let round = 0; round < ROUNDS; round++) {
  // Each goes first every other time.
  const order: readonly What[] = round % 2 === 0 ? ['bare', 'audit'] : ['audit', 'bare'];
  for (const what of order) await measure(what);
}
report(auditFigures(`audit of ${ACCOUNTS} accounts × ${REGIONS.length} regions, 30 % failing`, runs.audit, runs.bare));
