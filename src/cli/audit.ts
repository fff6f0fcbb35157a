import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { auditCalls } from '../elasticache/audit-calls.ts';
import { auditGrants, DEFAULT_MAX_REVOCATIONS } from '../enforcement/audit-grants.ts';
import type { Mode } from '../enforcement/enforce-grant.ts';
import { verifyRevocations } from '../enforcement/verify-revocations.ts';
import { isRegion, quote } from '../policy/grant.ts';
import { type AuditReport, toAuditReport } from '../report/audit-report.ts';
import { VERSION } from '../report/version.ts';
import { explainUnreadable, readAllowlist } from './inputs.ts';
import { CommandError, EXIT, type Io } from './io.ts';
import { allowlistOption, formatOption, modeOption, wholeNumber } from './options.ts';

interface AuditOptions {
  readonly region?: string[];
  readonly allowlist: string;
  readonly mode: Mode;
  readonly maxRevocations: number;
  readonly requestsPerSecond: number;
  readonly timeout: number;
  readonly verify: boolean;
  readonly fromReport?: string;
  readonly previous: string[];
  readonly format: ReportFormat;
  readonly out?: string;
}

type ReportFormat = 'text' | 'json' | 'csv' | 'ocsf' | 'html';

/** `ingress-guard audit`: judge every grant there is, and report. */
export function auditCommand(program: Command, io: Io, exit: (code: number) => void): void {
  const { AWS_REGION, AWS_DEFAULT_REGION } = io.environment;
  const region = AWS_REGION || AWS_DEFAULT_REGION;
  program
    .command('audit')
    .description('judge every grant there is, revoke what no rule allows if asked to, and report')
    .option('--region <name...>', 'the regions to look at (AWS_REGION)', region === undefined ? undefined : [region])
    .addOption(allowlistOption(io))
    .addOption(modeOption(io))
    .option('--max-revocations <n>', 'if more are denied, revoke none; or unlimited', limit, DEFAULT_MAX_REVOCATIONS)
    .option(
      '--requests-per-second <n>',
      'how many calls a region gets at most; or unlimited',
      limit,
      Number.POSITIVE_INFINITY,
    )
    .option('--timeout <seconds>', 'name what is not done by then, and end', wholeNumber(1, 86_400), 3600)
    .option('--verify', 'wait until what was revoked is gone, and say so', false)
    .option('--from-report <file>', 'audit nothing; write this earlier report (JSON) in another form')
    .option('--previous <file...>', 'earlier reports (JSON), for the picture of findings over time', [])
    .addOption(formatOption('csv', 'ocsf', 'html'))
    .option('--out <file>', 'write there, not to standard output')
    .addHelpText(
      'after',
      `
Exit code: 0 everything was judged and allowed, 1 something could not be judged or revoked, 2 disallowed grants were found,
3 allowlist not valid.

Example:
  $ ingress-guard audit --region us-east-1 eu-west-1 --format html --out report.html`,
    )
    .action(async (options: AuditOptions) => {
      const report =
        options.fromReport === undefined ? await runAudit(options, io) : await readReport(options.fromReport);
      const previous = await Promise.all(options.previous.map(readReport));
      await write(await render(report, previous, options, io), options.out, io);
      exit(exitCodeOf(report));
    });
}

async function runAudit(options: AuditOptions, io: Io): Promise<AuditReport> {
  const { region: regions, mode, maxRevocations, requestsPerSecond } = options;
  if (regions === undefined) throw new CommandError('which region? Say --region, or set AWS_REGION');
  const wrong = regions.find((region) => !isRegion(region));
  if (wrong !== undefined) throw new CommandError(`${quote(wrong)} is not the name of a region, such as us-east-1`);
  const { allowlist, compiled, sha256 } = await readAllowlist(options.allowlist, io);
  const startedAt = new Date();
  const deadline = new Date(startedAt.getTime() + options.timeout * 1000);
  const now = (): Date => new Date();
  const calls = auditCalls({ requestsPerSecond, deadline });
  const audit = await auditGrants({ ...calls, regions, allowlist: compiled, mode, maxRevocations, now, deadline });
  const findings = options.verify
    ? await verifyRevocations(audit.findings, { readStatus: calls.readStatus, sleep, now, deadline })
    : audit.findings;
  return toAuditReport({
    ...audit,
    findings,
    version: VERSION,
    startedAt,
    finishedAt: now(),
    mode,
    maxRevocations,
    allowlist,
    allowlistSha256: sha256,
    expectedRegions: regions,
    apiCalls: calls.made,
  });
}

async function readReport(file: string): Promise<AuditReport> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
    const { parseAuditReport } = await import('../report/report-schema.ts');
    const { report, problems } = parseAuditReport(JSON.parse(text));
    if (report !== undefined) return report;
    throw new CommandError(`${file} is no report of an audit: ${problems.slice(0, 3).join('; ')}`);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${file} cannot be read: ${explainUnreadable(error)}`, { cause: error });
  }
}

/** Each form is loaded when it is asked for. */
async function render(
  report: AuditReport,
  previous: readonly AuditReport[],
  { format, out }: AuditOptions,
  io: Io,
): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify(report)}\n`;
    case 'csv':
      return (await import('../report/csv.ts')).toCsv(report);
    case 'ocsf':
      return (await import('../report/ocsf.ts')).toOcsf(report);
    case 'html':
      return (await import('../report/html.ts')).toHtml(report, { previous });
    case 'text': {
      const { toTerminalText } = await import('../report/text.ts');
      const terminal = out === undefined && io.stdout.isTTY === true;
      const { columns = 100 } = io.stdout as { columns?: number };
      return toTerminalText(report, { colour: terminal, width: terminal ? columns : 100 });
    }
  }
}

async function write(text: string, out: string | undefined, io: Io): Promise<void> {
  if (out !== undefined) {
    await writeFile(out, text);
    io.stderr.write(`written to ${out}\n`);
  } else if (!io.stdout.write(text)) await new Promise((resolve) => io.stdout.once('drain', resolve));
}

/** What could not be judged or revoked counts more than what was found: it must never look clean. */
function exitCodeOf({ complete, counts }: AuditReport): number {
  if (!complete || counts.outcomes.failed !== undefined) return EXIT.failed;
  return counts.denied > 0 ? EXIT.disallowed : EXIT.done;
}

function limit(written: string): number {
  return written === 'unlimited' ? Number.POSITIVE_INFINITY : wholeNumber(0, 1_000_000)(written);
}
