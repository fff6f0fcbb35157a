// Has the judges judge the stack in both modes, of one account and of an organization, as it would be deployed: `npm run judges`. Of templates that are there already:
// `node stack/judges/judge.ts ACCEPTED TEMPLATE...`. Ends with 1 if a finding is not accepted, or an acceptance not used.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { parse } from 'yaml';
import * as z from 'zod';
import {
  ENFORCE_WITH_EVERYTHING,
  ORGANIZATION,
  runServerlessPackage,
} from '../../test/support/packaged/serverless-package.ts';
import { judge } from './judges.ts';
import { type Acceptance, compare, type Finding } from './verdict.ts';

const [acceptedFile = join(import.meta.dirname, 'accepted.yaml'), ...templates] = process.argv.slice(2);
const acceptances = await readAcceptances(acceptedFile);
const findings = templates.length > 0 ? templates.flatMap(judge) : await judgeEveryStack();
const { notAccepted, unused } = compare(findings, acceptances);

print(
  'Accepted',
  ['rule', 'resource', 'why'],
  acceptances.map(({ rules, resources, reason }) => [rules.join('\n'), resources.join('\n'), reason]),
);
print(
  'NOT ACCEPTED: fix the stack, or say in accepted.yaml why it is right as it is',
  ['rule', 'resource', 'what the judge says'],
  notAccepted.map(({ rule, resource, says }) => [rule, resource, says]),
);
print(
  'NOT FOUND ANY MORE: take it out of accepted.yaml',
  ['rule', 'resource'],
  unused.map(({ rule, resource }) => [rule, resource]),
);
if (notAccepted.length === 0 && unused.length === 0) console.log('\nThe judges found nothing else.');
else process.exitCode = 1;

async function readAcceptances(file: string): Promise<Acceptance[]> {
  const some = z.array(z.string().min(1)).min(1);
  const schema = z.array(z.strictObject({ rules: some, resources: some, reason: z.string().min(1) }));
  const read = schema.safeParse(parse(await readFile(file, 'utf8')));
  if (!read.success)
    throw new Error(`${file} is not a list of rules, resources and reason:\n${z.prettifyError(read.error)}`);
  return read.data;
}

/** Packages both modes, without and with an organization, and has each judged; and what members of an organization get. */
async function judgeEveryStack(): Promise<Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-judged-'));
  try {
    const found: Finding[] = [];
    const modes = [[], ENFORCE_WITH_EVERYTHING];
    for (const options of [...modes, ...modes.map((mode) => [...mode, ...ORGANIZATION])]) {
      const { exitCode, output } = await runServerlessPackage(folder, {}, options);
      if (exitCode !== 0) throw new Error(`serverless package ${options.join(' ')} failed:\n${output}`);
      const file = join(folder, 'cloudformation-template-update-stack.json');
      found.push(...judge(file));
      const { Resources } = JSON.parse(await readFile(file, 'utf8'));
      if (Resources.Spokes === undefined) continue;
      const member = join(folder, 'member.json');
      await writeFile(member, Resources.Spokes.Properties.TemplateBody);
      found.push(...judge(member));
    }
    return found;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function print(title: string, head: string[], rows: readonly string[][]): void {
  if (rows.length === 0) return;
  const colWidths = [48, 44, 64].slice(0, head.length);
  const table = new Table({ head, colWidths, wordWrap: true, style: { head: [], border: [] } });
  // Names of rules are longer than the column and have no spaces.
  table.push(...rows.map(([rule, ...rest]) => [{ content: rule, wrapOnWordBoundary: false }, ...rest]));
  console.log(`\n${title}\n${table}`);
}
