// What an audit of one account costs next to its API calls: `npm run bench -- audit` (`node bench/audit.ts --rounds 19` for more
// rounds, `--caches 100` for fewer caches).
//
// The local AWS has 1,000 caches. Each has a security group with 20 rules, and one group in a hundred has a rule for everyone.
// `ingress-guard audit` evaluates them, and a program makes the same calls bare; each from its start to its end, in a new process,
// in turns. Fails unless both make the same calls, and the report has each rule with the right decision.
//
// The local AWS answers within a millisecond or two, which AWS never does. So all of it is measured once more with answers that come
// 50 ms later: a guess at the least that AWS takes, not measured on AWS.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { AuditReport } from '../src/report/audit-report.ts';
import type { Run } from '../test/support/commands/run-and-measure.ts';
import { ALLOWLIST, RULES_OF_A_GROUP } from './audits/account.ts';
import { auditFigures } from './audits/figures.ts';
import { preparePrograms, startSite } from './audits/site.ts';
import { mustBe, report } from './figures.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, caches: { type: 'string', default: '1000' } },
});
const ROUNDS = Number(values.rounds);
const CACHES = Number(values.caches);

await using programs = await preparePrograms();
await using site = await startSite('account-aws.ts', CACHES, 1);
const [allowlist, out] = [join(programs.folder, 'allowlist.yaml'), join(programs.folder, 'report.json')];
await writeFile(allowlist, ALLOWLIST);

const audit = async () => {
  // 2: disallowed grants were found.
  const run = await programs.ingressGuard(
    site.url,
    ['audit', '--allowlist', allowlist, '--format', 'json', '--out', out],
    2,
  );
  const { complete, counts }: AuditReport = JSON.parse(await readFile(out, 'utf8'));
  mustBe('complete', complete, true);
  mustBe('caches', counts.caches, CACHES);
  mustBe('rules evaluated', counts.judged, CACHES * RULES_OF_A_GROUP);
  mustBe('rules denied', counts.denied, Math.ceil(CACHES / 100));
  return run;
};

interface Measured {
  readonly program: () => Promise<Run>;
  readonly runs: Run[];
  /** Of its last run. */
  calls: string;
}
const ANSWERED_AFTER_MS = 50;

async function measure(): Promise<{ readonly ours: readonly Run[]; readonly bare: readonly Run[] }> {
  const ours: Measured = { program: audit, runs: [], calls: '' };
  const bare: Measured = { program: () => programs.bareCalls(site.url, 'account'), runs: [], calls: '' };
  for (let round = 0; round < ROUNDS; round++) {
    // Each goes first every other time.
    for (const one of round % 2 === 0 ? [bare, ours] : [ours, bare]) {
      one.runs.push(await one.program());
      one.calls = JSON.stringify(Object.entries(await site.takeCalls()).sort());
    }
    mustBe('the calls of the audit', ours.calls, bare.calls);
  }
  return { ours: ours.runs, bare: bare.runs };
}

const atOnce = await measure();
site.answerAfter(ANSWERED_AFTER_MS);
const late = await measure();

const rules = CACHES * RULES_OF_A_GROUP;
const what = `audit of ${CACHES.toLocaleString('en')} caches, ${rules.toLocaleString('en')} rules`;
report([
  ...auditFigures(what, atOnce.ours, atOnce.bare),
  ...auditFigures(`the same, each answer ${ANSWERED_AFTER_MS} ms later`, late.ours, late.bare),
]);
