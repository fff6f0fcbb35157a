import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import { connector } from '../aws/connect.ts';
import { unlimitedTime } from '../enforcement/deadline.ts';
import { enforceEvent, type ReadEvent } from '../enforcement/enforce-event.ts';
import { enforceSecurityGroupEvent } from '../enforcement/enforce-security-group-event.ts';
import { type EventOutcome, NO_REPORTER, type Reporter } from '../enforcement/event-outcome.ts';
import type { Mixed, Mode, Shared } from '../enforcement/mode.ts';
import type { ReadSecurityGroupEvent } from '../enforcement/security-group-event.ts';
import type { ClassicGrant } from '../policy/classic/grant.ts';
import { describeGrant, type Grant } from '../policy/grant.ts';
import type { Outcome } from '../policy/outcome.ts';
import { printable } from '../policy/quote.ts';
import { confirm } from './confirm.ts';
import { type EventFile, findEventFiles } from './event-files.ts';
import { finishFirst, print, report } from './finish-first.ts';
import { readAllowlist } from './inputs.ts';
import { CommandError, EXIT, type Io } from './io.ts';
import {
  accountId,
  allowlistOption,
  type Format,
  formatOption,
  maxRevocationsOption,
  mixedOption,
  refuseUnknown,
  sharedOption,
} from './options.ts';
import { type Paint, painter } from './paint.ts';
import { NO_PROGRESS, type Progress, startProgress } from './progress.ts';
import { type EventInFile, readEventFiles, whereOf } from './read-grants.ts';
import { howToReplaySecurityGroups } from './replay-security-groups.ts';
import { sayRevoked } from './say-revoked.ts';
import { keepHeapSmall } from './small-heap.ts';

interface ReplayOptions {
  readonly allowlist: string;
  readonly account?: string;
  readonly enforce: boolean;
  readonly yes: boolean;
  readonly shared: Shared;
  readonly mixed: Mixed;
  readonly maxRevocations: number;
  readonly format: Format;
}

/** One event's outcome, and where the event was. */
type Replayed = EventOutcome & { readonly file: string; readonly line?: number | undefined; readonly error?: string };

type AnyReadEvent = ReadEvent | ReadSecurityGroupEvent;

/** `ingress-guard replay`: what would become, or becomes, of recorded events. */
export function replayCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('replay')
    .description('evaluate recorded events as if they were new; nothing is revoked without --enforce')
    .argument('<events...>', 'files or folders of recorded events; - for standard input')
    .addOption(allowlistOption(io))
    .option('--account <id>', 'reject events of any other account; needed with --enforce', accountId)
    .option('--enforce', 'revoke what no rule allows', false)
    .option('--yes', 'do not ask before --enforce', false)
    .addOption(sharedOption(io))
    .addOption(mixedOption(io))
    .addOption(
      maxRevocationsOption('if more rules of whole security groups are denied, revoke none of them; or unlimited'),
    )
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Reads EventBridge events and CloudTrail records, also wrapped by CloudWatch Logs, SQS, SNS, Splunk and others. File names do not
matter. What cannot be read is rejected, with file, line and reason. An event of a security group only names its rules: replay asks
AWS what they say now, with the credentials of the AWS SDK. Name the account with --account.
Exit code: 0 done, 1 an event was rejected, a revocation failed, or an event waits for a cache that is being created,
2 disallowed grants, 3 allowlist not valid.

Example:
  $ ingress-guard replay cloudtrail-logs/ --format json`,
    )
    .action(async (paths: string[], options: ReplayOptions) => exit(await replay(paths, options, io)));
}

async function replay(paths: readonly string[], options: ReplayOptions, io: Io): Promise<number> {
  keepHeapSmall();
  refuseUnknown(options);
  const { compiled, sha256 } = await readAllowlist(options.allowlist, io);
  if (options.enforce) await confirmEnforcing(options, io);
  const mode: Mode = options.enforce ? 'enforce' : 'report-only';
  const { account, shared, mixed, maxRevocations } = options;
  const policy = { allowlist: compiled, allowlistSha256: sha256, mode, shared, mixed, maxRevocations };
  const connect = connector();
  const time = { ...unlimitedTime(), timeUp: io.interrupted };
  // It may wait for another event there.
  const readNoMore = (): void => {
    (io.stdin as Readable).destroy();
  };
  using _ = options.enforce ? finishFirst(io, readNoMore) : undefined;
  io.stdout.once('error', readNoMore);
  const how = {
    guardedAccount: account,
    readPolicy: async () => policy,
    ...time,
    reporter: NO_REPORTER,
    toRevokeGrant: (grant: ClassicGrant) => connect(grant).toRevokeGrant(grant),
  };
  // Kept for the whole run: which security groups guard caches is asked once a minute.
  const grants = grantWriter(options, io);
  const howToSecurityGroups = {
    ...howToReplaySecurityGroups(account, policy, connect, time),
    reporter: grants.reporter,
  };
  const counts = new Map<Outcome, number>();
  let isAnyWaiting = false;
  const files = await findEventFiles(paths, io);
  const bar = startBar(files, io);
  using _bar = { [Symbol.dispose]: bar.stop };
  const filesOfDecisions = new Set<string>();
  const ofOneAccount = account === undefined ? refuserOfOtherAccounts() : (read: AnyReadEvent) => read;
  for await (const recorded of readEventFiles(files, io, bar.advance)) {
    if (io.interrupted.aborted) break;
    const { file, line } = recorded;
    if ('decided' in recorded) {
      // It has one for every event or grant, and all of them mean the same mistake.
      if (filesOfDecisions.has(file)) continue;
      filesOfDecisions.add(file);
    }
    const read = ofOneAccount(toReadEvent(recorded));
    grants.begin({ file, line });
    const { outcome, error } = isOfSecurityGroup(read)
      ? await enforceSecurityGroupEvent(read, howToSecurityGroups)
      : await enforceEvent(read, how);
    isAnyWaiting ||= outcome.awaits !== undefined;
    counts.set(outcome.outcome, (counts.get(outcome.outcome) ?? 0) + 1);
    await grants.end({ ...outcome, file, line, ...(error !== undefined && { error: describeError(error) }) });
  }
  bar.stop();
  io.stderr.write(`${[...counts].map(([outcome, number]) => `${number} ${outcome}`).join(', ') || 'no event'}\n`);
  const has = (...outcomes: Outcome[]): boolean => outcomes.some((outcome) => counts.has(outcome));
  // One of which nothing looks at it again: here no platform hands it over.
  if (isAnyWaiting || has('rejected', 'failed') || io.interrupted.aborted) return EXIT.failed;
  return has('would-revoke', 'revoked', 'held') ? EXIT.disallowed : EXIT.done;
}

/** What holds no event is reported like one that is malformed. */
function toReadEvent(recorded: EventInFile): AnyReadEvent {
  if ('parsed' in recorded) return recorded.parsed;
  const problem =
    'problem' in recorded
      ? recorded.problem
      : 'decisions or a report of Ingress Guard, and no events: explain, learn, what-if and undo read these';
  return { kind: 'rejected', problems: [problem], call: { eventId: undefined, eventTime: undefined, grantedBy: {} } };
}

/**
 * Rejects events that AWS would have to be asked about with the credentials of a second account: with those at hand, its security groups
 * would seem to guard no cache.
 */
function refuserOfOtherAccounts(): (read: AnyReadEvent) => AnyReadEvent {
  let first: string | undefined;
  return (read) => {
    if (!(read.kind === 'rules' || read.kind === 'attachment' || read.kind === 'prefixList')) return read;
    first ??= read.account;
    if (read.account === first) return read;
    const problem = `it is of account ${read.account}, and an event before it of ${first}: AWS is asked with the credentials of one account. Name it with --account`;
    return { kind: 'rejected', problems: [problem], call: read.call };
  };
}

/** What is ignored or rejected ends alike on both ways. */
function isOfSecurityGroup(read: AnyReadEvent): read is ReadSecurityGroupEvent {
  return 'securityGroupId' in read || read.kind === 'attachment' || read.kind === 'prefixList';
}

/** Asks a person at a terminal; a script must say --yes. */
async function confirmEnforcing({ account, yes }: ReplayOptions, io: Io): Promise<void> {
  if (account === undefined) {
    throw new CommandError('--enforce needs --account: the account whose security groups your credentials may change');
  }
  if (yes) return;
  if (!io.stdin.isTTY)
    throw new CommandError('--enforce asks first, and there is no one to ask: add --yes if you mean it');
  await confirm(`Revoke every grant in these events that no rule allows, in account ${account}?`, io);
}

/** Where an event is. */
type Where = Pick<Replayed, 'file' | 'line'>;

/**
 * Writes what each event came to. In text a grant is written when its outcome is known, also while others of its event are still
 * evaluated. JSON has one line for each event, so there standard error says at once what is revoked.
 */
function grantWriter({ format, enforce }: ReplayOptions, io: Io) {
  const write = enforce ? report : print;
  const paint = painter(io);
  let where: Where = { file: '-' };
  const written = new Set<Outcome>();
  const reporter: Reporter = {
    async reportGrant(outcome, error) {
      if (format === 'json') return sayRevoked(io, { ...outcome, grant: outcome.grant as Grant });
      written.add(outcome.outcome);
      await write(
        io,
        toLines({ ...outcome, ...where, error: error === undefined ? undefined : describeError(error) }, paint),
      );
    },
    countGrants() {},
  };
  return {
    reporter,
    begin(event: Where) {
      where = event;
      written.clear();
    },
    async end(replayed: Replayed) {
      // The calls of others are too many for a person.
      if (format === 'json') await write(io, JSON.stringify(replayed));
      if (format === 'json' || replayed.outcome === 'ignored' || written.has(replayed.outcome)) return;
      // Not all of the event could be evaluated, and its grants are written.
      const { grant, decision, grants: _, ...event } = replayed;
      await write(io, toLines(written.size > 0 ? event : replayed, paint));
    },
  };
}

type Told = Omit<Replayed, 'error'> & { readonly error?: string | undefined };

function toLines({ outcome, grant, file, line, eventTime, ...told }: Told, paint: Paint): string {
  const what =
    grant === undefined
      ? whereOf({ file, line })
      : `${describeGrant(grant)}${eventTime ? ` at ${eventTime.toISOString()}` : ''}`;
  const colour = outcome === 'allowed' ? 'green' : outcome === 'rejected' || outcome === 'failed' ? 'red' : 'yellow';
  return `${paint(colour, outcome.padEnd(14))} ${printable(what, 400)}\n${' '.repeat(15)}${printable(why(told), 400)}`;
}

function why({
  error,
  problem,
  problems,
  decision,
  awaits,
}: Pick<Told, 'error' | 'problem' | 'problems' | 'decision' | 'awaits'>): string {
  const decided = decision?.effect === 'allow' ? `rule \`${decision.rule}\`` : decision?.reasons[0]?.text;
  const told = error ?? problem ?? problems?.join('; ') ?? decided ?? '';
  if (awaits === undefined) return told;
  // In the stack, the platform hands such an event to the function again. Here a person must.
  return `${told === awaits ? '' : `${told}. `}${awaits}. Replay the event later`;
}

/** How much of the files was read. */
function startBar(files: readonly EventFile[], io: Io): Progress {
  // No one knows how much there is to come.
  const isEndless = files.some(({ path }) => path === '-');
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return isEndless ? NO_PROGRESS : startProgress(io, total, '{bar} {percentage}% of the events, {eta} s left');
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
