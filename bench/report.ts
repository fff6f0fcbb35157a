// How long a report of 10,000 findings takes in each form: `npm run bench -- report` (`node bench/report.ts --rounds 9` for more
// rounds, `--caches 50` for fewer findings).
//
// `ingress-guard audit --from-report` reads the report of an audit and writes it again. It is compared with a program that reads
// the same file, parses it, and writes it as JSON: what any program does that has a report to read.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Run, runAndMeasure } from '../test/support/commands/run-and-measure.ts';
import { ALLOWLIST, RULES_OF_A_GROUP } from './audits/account.ts';
import { preparePrograms, startSite } from './audits/site.ts';
import { median, megabytes, mustBe, ratioFigure, report, seconds } from './figures.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, caches: { type: 'string', default: '500' } },
});
const ROUNDS = Number(values.rounds);
const CACHES = Number(values.caches);
const OPEN_IN_A_HUNDRED = 10;
const MOST_MEGABYTES = 300;
/** Nothing listens there: no call is to be made. */
const NO_AWS = 'http://127.0.0.1:9';
const FORMS = ['text', 'json', 'csv', 'html', 'markdown', 'ocsf', 'asff'];

await using programs = await preparePrograms();
const inFolder = (name: string): string => join(programs.folder, name);
const [allowlist, findings, copy] = [inFolder('allowlist.yaml'), inFolder('findings.json'), inFolder('copy.mjs')];
await writeFile(allowlist, ALLOWLIST);
await writeFile(
  copy,
  `import { readFileSync, writeFileSync } from 'node:fs';
const [from, to] = process.argv.slice(2);
writeFileSync(to, JSON.stringify(JSON.parse(readFileSync(from, 'utf8'))));
`,
);
{
  await using site = await startSite('account-aws.ts', CACHES, OPEN_IN_A_HUNDRED);
  await programs.ingressGuard(site.url, ['audit', '--allowlist', allowlist, '--format', 'json', '--out', findings], 2);
}
const count = JSON.parse(await readFile(findings, 'utf8')).findings.length;
mustBe('findings', count, CACHES * RULES_OF_A_GROUP);

const written = FORMS.map((form) => ({ form, runs: [] as Run[] }));
const copied: Run[] = [];
for (let round = 0; round < ROUNDS; round++) {
  for (const { form, runs } of written) {
    const out = inFolder(`report.${form}`);
    const argv = ['audit', '--from-report', findings, '--format', form, '--out', out];
    runs.push(await programs.ingressGuard(NO_AWS, argv, 2));
    if ((await stat(out)).size === 0) throw new Error(`the report as ${form} is empty`);
  }
  copied.push(await runAndMeasure(copy, [findings, inFolder('copy.json')]));
}

const time = (of: readonly Run[]): number => median(of.map((run) => run.seconds));
const most = Math.max(...written.flatMap(({ runs }) => runs.map(({ peak }) => peak)));
const what = `report of ${count.toLocaleString('en')} findings`;
report([
  ...written.map(({ form, runs }) =>
    ratioFigure([`${what}, as ${form}`, time(runs)], ['its JSON read and written', time(copied)], {}, seconds),
  ),
  {
    what: `${what}, peak memory`,
    value: megabytes(most),
    goal: `under ${MOST_MEGABYTES} MB`,
    met: most < MOST_MEGABYTES,
  },
]);
