import { createWriteStream } from 'node:fs';
import { access, constants, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { explainUnreadable } from '../allowlist/explain-unreadable.ts';
import { decodeText } from '../allowlist/text-encoding.ts';
import { auditConnector } from '../aws/audit-connector.ts';
import type { ListedRegions } from '../aws/ec2/regions.ts';
import { runAudit } from '../enforcement/audit.ts';
import { type Deadline, timeUntil } from '../enforcement/deadline.ts';
import type { Finding } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';
import type { Place } from '../policy/place.ts';
import { printable } from '../policy/quote.ts';
import { type AuditReport, toAuditReport } from '../report/audit-report.ts';
import { verdictOf } from '../report/verdict.ts';
import { VERSION } from '../report/version.ts';
import { instant } from '../report/wording.ts';
import type { OrganizationAudit } from './audit-organization.ts';
import { confirmAudit } from './confirm.ts';
import { finishFirst } from './finish-first.ts';
import { readAllowlist } from './inputs.ts';
import { CommandError, EXIT, type Io } from './io.ts';
import { oneLine } from './one-line.ts';
import {
  accountId,
  accountIds,
  allowlistOption,
  formatOption,
  maxRevocationsOption,
  mixedOption,
  modeOption,
  numberOrUnlimited,
  refuseNoRegions,
  refuseUnknown,
  regionNames,
  sharedOption,
  wholeNumber,
} from './options.ts';
import { wantsColours } from './paint.ts';
import { startProgress } from './progress.ts';
import { sayEndedEarly, sayRevoked } from './say-revoked.ts';
import { lookUpWhoMade } from './who-made.ts';

interface AuditOptions extends OrganizationAudit {
  readonly region?: string[];
  readonly allRegions?: true;
  readonly account?: string;
  readonly allowlist: string;
  readonly timeout: number;
  readonly verify?: true;
  readonly yes?: true;
  readonly fromReport?: string;
  readonly previous?: string[];
  readonly format: ReportFormat;
  readonly out?: string;
}

type ReportFormat = 'text' | 'json' | 'csv' | 'ocsf' | 'asff' | 'html' | 'markdown';

/** The forms for people, which compare with earlier reports. */
const COMPARED: readonly ReportFormat[] = ['text', 'html', 'markdown'];

/** `ingress-guard audit`: judge every grant there is, and report. */
export function auditCommand(program: Command, io: Io, exit: (code: number) => void): void {
  const { AWS_REGION, AWS_DEFAULT_REGION } = io.environment;
  const region = AWS_REGION || AWS_DEFAULT_REGION;
  program
    .command('audit')
    .description('evaluate every standing grant, revoke what no rule allows if asked to, and report')
    .addOption(
      new Option('--region <name...>', 'the regions to look at (AWS_REGION)')
        .argParser(regionNames())
        .default(region === undefined ? undefined : [region]),
    )
    .option('--all-regions', 'all regions that there are; those that an account has not enabled are left out')
    .option('--account <id>', 'the account of your credentials; without it, STS is asked', accountId)
    .addOption(allowlistOption(io))
    .addOption(modeOption(io))
    .addOption(sharedOption(io))
    .addOption(mixedOption(io))
    .addOption(maxRevocationsOption('if more revocations are due, make none; or unlimited'))
    .addOption(
      new Option('--requests-per-second <n>', 'how many calls a region gets at most, of each service')
        .argParser(numberOrUnlimited(1))
        .default(Number.POSITIVE_INFINITY, 'unlimited'),
    )
    .option(
      '--timeout <seconds>',
      'stop after this many seconds; the report lists what was not evaluated',
      wholeNumber(1, 86_400),
      3600,
    )
    .option('--yes', 'do not ask before --mode enforce on a terminal')
    .option('--verify', 'wait until what was revoked is gone, and say so')
    .option('--organization', 'every account of the organization, by a role in each')
    .option('--organizational-units <id...>', 'with --organization: only accounts under these units or roots')
    .option('--accounts <id...>', 'only these accounts, by a role in each', accountIds)
    .option('--role-name <name>', 'the role to assume in each account (default: ingress-guard-read)')
    .option('--accounts-at-once <n>', 'how many accounts are evaluated at once', wholeNumber(1, 100), 10)
    .addOption(
      new Option('--max-revocations-per-run <n>', 'if more are due in all accounts together, make none; or unlimited')
        .argParser(numberOrUnlimited(0))
        .default(50),
    )
    .option(
      '--who-made',
      'look up in CloudTrail who made the most dangerous denied security group rules; what is not known changes nothing else',
    )
    .option('--from-report <file>', 'audit nothing; write this earlier report (JSON) in another form')
    .option(
      '--previous <file...>',
      'earlier reports (JSON): show what is new and what is gone since the latest of them, and findings over time',
    )
    .addOption(formatOption('csv', 'ocsf', 'asff', 'html', 'markdown'))
    .option('--out <file>', 'write there, not to standard output')
    .addHelpText(
      'after',
      `
Exit code: 0 everything was evaluated and allowed, 1 something could not be evaluated or revoked, 2 disallowed grants were found,
3 allowlist not valid. It is the same if the reader of the report closes its pipe (| head).

Example:
  $ ingress-guard audit --region us-east-1 eu-west-1 --format html --out report.html
  $ ingress-guard audit --region us-east-1 --format markdown >> "$GITHUB_STEP_SUMMARY"
  $ ingress-guard audit --organization --all-regions --role-name OrganizationAccountAccessRole --out report.txt`,
    )
    .action(async (options: AuditOptions, command: Command) => {
      const { fromReport } = options;
      refuseUnused(options, command);
      // Whatever could make the report unwritable is looked at before anything is revoked.
      const written = fromReport === undefined ? undefined : await readReport(fromReport);
      const previous = await Promise.all((options.previous ?? []).map(readReport));
      refuseLater(previous, written, options);
      if (previous.length > 0 && !COMPARED.includes(options.format)) {
        const { format } = options;
        io.stderr.write(`--previous changes nothing in --format ${format}: ${COMPARED.join(', ')} show what is new\n`);
      }
      if (options.out !== undefined) await refuseUnwritable(options.out);
      const report = written ?? (await auditAndReport(options, io));
      // Whatever happens to the output, this is what was found.
      exit(exitCodeOf(report));
      await write(await render(report, previous, options, io), report, options, io);
    });
}

/** What --from-report cannot do, and what is about several accounts: their names as Commander has them. */
const OF_AN_AUDIT = ['mode', 'verify', 'whoMade', 'organization', 'organizationalUnits', 'accounts'];
const OF_ACCOUNTS = ['roleName', 'accountsAtOnce', 'maxRevocationsPerRun'];

/**
 * Options that would do nothing, although a person wrote them.
 *
 * @throws {CommandError} that names them.
 */
function refuseUnused(
  { fromReport, organization, organizationalUnits, accounts }: AuditOptions,
  command: Command,
): void {
  const given = command.options.filter((one) => command.getOptionValueSource(one.attributeName()) === 'cli');
  const namesIn = (names: readonly string[]) =>
    given.flatMap((one) => (names.includes(one.attributeName()) ? [one.long] : []));
  if (fromReport !== undefined) {
    const unused = namesIn([...OF_AN_AUDIT, ...OF_ACCOUNTS]).join(' and ');
    if (unused !== '') throw new CommandError(`--from-report audits nothing: leave out ${unused}, or --from-report`);
    return;
  }
  if (organizationalUnits !== undefined && !organization) {
    throw new CommandError('--organizational-units needs --organization');
  }
  const [unused] = organization || accounts !== undefined ? [] : namesIn(OF_ACCOUNTS);
  if (unused !== undefined) throw new CommandError(`${unused} needs --organization or --accounts`);
}

/** Says that no report of --previous began before the audit that is reported: nothing could be compared. */
function refuseLater(
  previous: readonly AuditReport[],
  reported: AuditReport | undefined,
  { previous: files = [], fromReport }: AuditOptions,
): void {
  const began = reported?.startedAt ?? new Date().toISOString();
  if (previous.length === 0 || previous.some(({ startedAt }) => startedAt < began)) return;
  const those = previous.map(({ startedAt }, index) => `${files[index]} (${instant(startedAt)})`);
  const named = those.length > 3 ? [...those.slice(0, 3), `${those.length - 3} more`] : those;
  const what = `--previous names no earlier audit: ${named.join(', ')}`;
  throw new CommandError(
    reported === undefined
      ? `${what} did not begin before this audit (${instant(began)}): check the clock, or name an earlier report`
      : `${what} did not begin before ${fromReport} (${instant(began)}): name an earlier report, or give the latest one to --from-report`,
  );
}

async function auditAndReport(options: AuditOptions, io: Io): Promise<AuditReport> {
  const isOfMany = options.organization === true || options.accounts !== undefined;
  refuseUnknown(options);
  if (isOfMany) return await auditMany(options, io);
  const { mode, shared, mixed, maxRevocations, requestsPerSecond, verify } = options;
  const regions =
    options.allRegions === undefined
      ? regionsOf(options)
      : await enabledRegionsAt(regionsOf(options), timeOf(options, io).timeUp);
  const { allowlist, compiled, sha256 } = await readAllowlist(options.allowlist, io);
  const account = options.account ?? (await callerAccountIn(regions, timeOf(options, io).timeUp));
  await confirmAudit(options, `account ${account}, ${regions.join(', ')}`, maxRevocations, io);
  const time = timeOf(options, io);
  const { connect, made } = auditConnector({ requestsPerSecond, deadline: time.deadline });
  using revoking = mode === 'enforce' ? finishFirst(io) : undefined;
  const places = regions.map((region) => ({ account, region }));
  const progress = startProgress(io, places.length, '{bar} {value} of {total} regions, {calls} API calls', {
    get calls() {
      return Object.values(made).reduce((sum, calls) => sum + calls, 0);
    },
  });
  using _ = { [Symbol.dispose]: progress.stop };
  const how = {
    ...time,
    places,
    connect,
    allowlist: compiled,
    mode,
    shared,
    mixed,
    maxRevocations,
    // One run evaluates by what the file said when the run began: who edits it meanwhile starts another run.
    confirmPolicy: async () => {},
    onLookedAt: () => progress.advance(),
    report: (finding: Finding) => {
      progress.stop();
      sayRevoked(io, finding);
    },
  };
  const readStatus = (grant: Grant): Promise<string | undefined> => connect(grant).readStatus(grant);
  const run = await runAudit(how, verify && { readStatus, sleep });
  sayEndedEarly(run.findings, io);
  revoking?.[Symbol.dispose]();
  const apiCalls = { ...made };
  const configOf = ({ region }: Place) => ({ region });
  const whoMade =
    options.whoMade && (await lookUpWhoMade(run.findings, { configOf, timeUp: time.timeUp, made: apiCalls }));
  return toAuditReport({ ...run, ...whoMade, version: VERSION, allowlist, allowlistSha256: sha256, apiCalls });
}

/** The time that an audit has: until its timeout, or Ctrl-C. */
function timeOf({ timeout }: AuditOptions, { interrupted }: Io): Deadline {
  const time = timeUntil(new Date(Date.now() + timeout * 1000));
  return { ...time, timeUp: AbortSignal.any([time.timeUp, interrupted]) };
}

/** Audits several accounts. Loaded when it is asked for. */
async function auditMany(options: AuditOptions, io: Io): Promise<AuditReport> {
  if (options.verify !== undefined) throw new CommandError('--verify waits in one account: audit that account alone');
  const named = regionsOf(options);
  const [homeRegion = ''] = named;
  const time = timeOf(options, io);
  const located = await readAllowlist(options.allowlist, io);
  const account = await callerAccountIn(named, time.timeUp);
  // That account is audited with the credentials at hand: what another one has would be reported as its own.
  if (options.account !== undefined && options.account !== account) {
    throw new CommandError(`the credentials are of account ${account}, and --account says ${options.account}`);
  }
  const regions = options.allRegions === undefined ? named : [...(await listRegionsAt(homeRegion, time.timeUp)).all];
  const { auditOrganization } = await import('./audit-organization.ts');
  return await auditOrganization(options, { located, regions, homeRegion, account, time }, io);
}

/** The regions that the account of the credentials has enabled. */
async function enabledRegionsAt([region = '']: readonly string[], timeUp: AbortSignal): Promise<string[]> {
  return [...(await listRegionsAt(region, timeUp)).enabled];
}

async function listRegionsAt(region: string, abortSignal: AbortSignal): Promise<ListedRegions> {
  const { listRegions } = await import('../aws/ec2/regions.ts');
  try {
    return await listRegions({ region }, { abortSignal });
  } catch (error) {
    const why = oneLine((error as Error).message, 400);
    throw new CommandError(`which regions? EC2 did not list them: ${why}. Name them with --region`, { cause: error });
  }
}

/** Each once. */
function regionsOf({ region: named }: AuditOptions): string[] {
  return [...new Set(refuseNoRegions(named))];
}

/**
 * Whose credentials these are: a report names the account of each finding, and of what could not be judged. A region that is
 * down must not keep the others from being judged, so STS is asked in each of them until it answers.
 */
async function callerAccountIn(regions: readonly string[], timeUp: AbortSignal): Promise<string> {
  const { callerAccount } = await import('../aws/sts/caller-account.ts');
  let first: unknown;
  for (const region of regions) {
    if (timeUp.aborted) break;
    try {
      return await callerAccount(region, timeUp);
    } catch (error) {
      first ??= error;
    }
  }
  const why = oneLine((first as Error).message, 400).replace(/\.+$/, '');
  throw new CommandError(`which account? ${why}. Say --account, or check your credentials`, { cause: first });
}

async function readReport(file: string): Promise<AuditReport> {
  const bytes = await readFile(file).catch((error) => {
    throw new CommandError(`${file} cannot be read: ${explainUnreadable(error)}`, { cause: error });
  });
  const { parseAuditReport } = await import('../report/report-schema.ts');
  const { report, problems } = parseAuditReport(parseJson(decodeText(bytes), file));
  if (report !== undefined) return report;
  throw new CommandError(`${file} is no report of an audit: ${problems.slice(0, 3).join('; ')}`);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(message) ?? [];
    const isCutOff = message.startsWith('Unexpected end');
    const where = `${file}${line === undefined ? '' : `:${line}:${column}`}: not JSON${isCutOff ? ' to its end: it is cut off' : ''}`;
    throw new CommandError(`${where}. Name the report that audit --format json wrote`, { cause: error });
  }
}

/** Each form is loaded when it is asked for. */
async function render(
  report: AuditReport,
  previous: readonly AuditReport[],
  { format, out }: AuditOptions,
  io: Io,
): Promise<string | Iterable<string>> {
  switch (format) {
    case 'json':
      return (await import('../report/json.ts')).toJson(report);
    case 'csv':
      return (await import('../report/csv.ts')).toCsv(report);
    case 'ocsf':
      return (await import('../report/ocsf.ts')).toOcsf(report);
    case 'asff':
      return (await import('../report/asff.ts')).toAsffJson(report);
    case 'html':
      return (await import('../report/html.ts')).toHtml(report, { previous });
    case 'markdown':
      return (await import('../report/markdown.ts')).toMarkdown(report, { previous });
    case 'text': {
      const { toTerminalText } = await import('../report/text.ts');
      const { columns } = (out === undefined && io.stdout.isTTY ? io.stdout : {}) as { columns?: number };
      return toTerminalText(report, {
        previous,
        colour: out === undefined && wantsColours(io, 'stdout'),
        width: columns ?? 100,
      });
    }
  }
}

/** Says of most files that cannot be written that they cannot, without touching them. */
async function refuseUnwritable(file: string): Promise<void> {
  try {
    const there = await stat(file).catch(() => undefined);
    if (there?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    await access(there === undefined ? dirname(file) : file, constants.W_OK);
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(file: string, error: unknown): CommandError {
  const { code } = error as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'there is no such folder' : explainUnreadable(error);
  return new CommandError(`${file} cannot be written: ${why}`, { cause: error });
}

/** How much is made while what was made before is written, in bytes. */
const WRITTEN_AHEAD = 1024 * 1024;

/** @param text as a whole or in pieces. */
async function write(
  text: string | Iterable<string>,
  audited: AuditReport,
  { out }: AuditOptions,
  io: Io,
): Promise<void> {
  const pieces = Readable.from(typeof text === 'string' ? [text] : text);
  if (out !== undefined) {
    await pipeline(pieces, createWriteStream(out, { highWaterMark: WRITTEN_AHEAD })).catch((error) => {
      throw unwritable(out, error);
    });
    io.stderr.write(`written to ${out}. ${summaryOf(audited)}\n`);
    return;
  }
  try {
    await pipeline(pieces, io.stdout, { end: false });
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    if (!isReaderGone(error) && syscall !== 'write') throw error;
    const end = isReaderGone(error) ? 'read' : 'written';
    io.stderr.write(`ingress-guard: the report was not ${end} to its end. ${summaryOf(audited)}\n`);
  }
}

/** The verdict in words, on one line. */
function summaryOf(audited: AuditReport): string {
  const { headline, sentences } = verdictOf(audited);
  return printable([`${headline}.`, ...sentences].join(' '), 1000);
}

/** Whether the other side of a pipe closed it. */
function isReaderGone(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_UNABLE_TO_PIPE'].includes(code);
}

/** What could not be judged or revoked counts more than what was found: it must never look clean. */
function exitCodeOf({ complete, counts }: AuditReport): number {
  if (!complete || (counts.outcomes.failed ?? 0) > 0) return EXIT.failed;
  return counts.denied > 0 ? EXIT.disallowed : EXIT.done;
}
