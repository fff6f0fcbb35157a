import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { connector } from '../aws/connect.ts';
import { unlimitedTime } from '../enforcement/deadline.ts';
import { enforceEvent, type ReadEvent } from '../enforcement/enforce-event.ts';
import { enforceSecurityGroupEvent } from '../enforcement/enforce-security-group-event.ts';
import { type EventOutcome, NO_REPORTER } from '../enforcement/event-outcome.ts';
import type { Mixed, Mode, Shared } from '../enforcement/mode.ts';
import type { ReadSecurityGroupEvent } from '../enforcement/security-group-event.ts';
import type { ClassicGrant } from '../policy/classic/grant.ts';
import { describeGrant } from '../policy/grant.ts';
import type { Outcome } from '../policy/outcome.ts';
import { printable } from '../policy/quote.ts';
import { type EventFile, findEventFiles } from './event-files.ts';
import { finishFirst, report } from './finish-first.ts';
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
import { type EventInFile, readEventFiles, whereOf } from './read-grants.ts';
import { howToReplaySecurityGroups } from './replay-security-groups.ts';

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

/** `ingress-guard replay`: what would become, or becomes, of recorded events. */
export function replayCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('replay')
    .description('put recorded events through the way of a grant; nothing is revoked without --enforce')
    .argument('<events...>', 'files, folders of files; - for standard input')
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
Reads EventBridge events and CloudTrail records, also wrapped by CloudWatch Logs, SQS, SNS, Splunk and others, whatever the
files are called. What it cannot read is rejected, with file, line and why. An event of a security group is judged by what its
rules say now: AWS is asked, with the credentials and for the account of the AWS SDK. Name the account with --account.
Exit code: 0 done, 1 an event was rejected or waits (for a cache that is being created), or a revocation failed, 2 disallowed grants,
3 allowlist not valid.

Example:
  $ ingress-guard replay cloudtrail-logs/ --format json`,
    )
    .action(async (paths: string[], options: ReplayOptions) => exit(await replay(paths, options, io)));
}

async function replay(paths: readonly string[], options: ReplayOptions, io: Io): Promise<number> {
  refuseUnknown(options);
  const { compiled, sha256 } = await readAllowlist(options.allowlist, io);
  if (options.enforce) await confirm(options, io);
  const mode: Mode = options.enforce ? 'enforce' : 'report-only';
  const { account, shared, mixed, maxRevocations } = options;
  const policy = { allowlist: compiled, allowlistSha256: sha256, mode, shared, mixed, maxRevocations };
  const connect = connector();
  const time = { ...unlimitedTime(), timeUp: io.interrupted };
  // It may wait for another event there.
  using _ = options.enforce ? finishFirst(io, () => (io.stdin as Readable).destroy()) : undefined;
  const how = {
    guardedAccount: account,
    readPolicy: async () => policy,
    ...time,
    reporter: NO_REPORTER,
    revokeGrant: (grant: ClassicGrant) => connect(grant).revokeGrant(grant),
  };
  // Kept for the whole run: which security groups guard caches is asked once a minute.
  const howToSecurityGroups = howToReplaySecurityGroups(account, policy, connect, time);
  const counts = new Map<Outcome, number>();
  let isAnyWaiting = false;
  const files = await findEventFiles(paths, io);
  const bar = startProgress(files, io);
  const filesOfDecisions = new Set<string>();
  for await (const recorded of readEventFiles(files, io, bar.advance)) {
    if (io.interrupted.aborted) break;
    const { file, line } = recorded;
    if ('decided' in recorded) {
      // It has one for every event or grant, and all of them mean the same mistake.
      if (filesOfDecisions.has(file)) continue;
      filesOfDecisions.add(file);
    }
    const read = toReadEvent(recorded);
    const { outcome, error } = isOfSecurityGroup(read)
      ? await enforceSecurityGroupEvent(read, howToSecurityGroups)
      : await enforceEvent(read, how);
    isAnyWaiting ||= outcome.awaits !== undefined;
    counts.set(outcome.outcome, (counts.get(outcome.outcome) ?? 0) + 1);
    await write(
      io,
      { ...outcome, file, line, ...(error !== undefined && { error: describeError(error) }) },
      options.format,
    );
  }
  bar.stop();
  io.stderr.write(`${[...counts].map(([outcome, number]) => `${number} ${outcome}`).join(', ') || 'no event'}\n`);
  const has = (...outcomes: Outcome[]): boolean => outcomes.some((outcome) => counts.has(outcome));
  // One of which nothing looks at it again: here no platform hands it over.
  if (isAnyWaiting || has('rejected', 'failed') || io.interrupted.aborted) return EXIT.failed;
  return has('would-revoke', 'revoked', 'held') ? EXIT.disallowed : EXIT.done;
}

/** What holds no event is reported like one that is malformed. */
function toReadEvent(recorded: EventInFile): ReadEvent | ReadSecurityGroupEvent {
  if ('parsed' in recorded) return recorded.parsed;
  const problem =
    'problem' in recorded
      ? recorded.problem
      : 'decisions or a report of Ingress Guard, and no events: explain, learn, what-if and undo read these';
  return { kind: 'rejected', problems: [problem], call: { eventId: undefined, eventTime: undefined, grantedBy: {} } };
}

/** What is ignored or rejected ends alike on both ways. */
function isOfSecurityGroup(read: ReadEvent | ReadSecurityGroupEvent): read is ReadSecurityGroupEvent {
  return 'securityGroupId' in read || read.kind === 'attachment' || read.kind === 'prefixList';
}

/** Asks a person at a terminal; a script must say --yes. */
async function confirm({ account, yes }: ReplayOptions, io: Io): Promise<void> {
  if (account === undefined) {
    throw new CommandError('--enforce needs --account: the account whose security groups your credentials may change');
  }
  if (yes) return;
  if (!io.stdin.isTTY)
    throw new CommandError('--enforce asks first, and there is nobody to ask: say --yes if you mean it');
  const terminal = createInterface({ input: io.stdin, output: io.stderr });
  const question = `Revoke every grant in these events that no rule allows, in account ${account}? [y/N] `;
  // Ctrl-D answers nothing, for ever.
  const closed = once(terminal, 'close').then(() => 'no');
  const answer = await Promise.race([terminal.question(question), closed]);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('nothing was revoked');
}

/** One line an event; the calls of others are too many to tell a person of. Waits for a slow reader. */
async function write(io: Io, replayed: Replayed, format: Format): Promise<void> {
  if (format === 'text' && replayed.outcome === 'ignored') return;
  await report(io, format === 'json' ? JSON.stringify(replayed) : toText(replayed, painter(io)));
}

/** Of an event about several grants each; and of the whole, if it came to something else because not all could be judged. */
function toText({ grants, ...whole }: Replayed, paint: Paint): string {
  if (grants === undefined) return toLines(whole, paint);
  const { grant, decision, error, ...event } = whole;
  const told: Told[] = grants.map((one) => ({ ...event, ...one }));
  if (told.every(({ outcome }) => outcome !== whole.outcome)) told.push({ ...event, error });
  return told.map((one) => toLines(one, paint)).join('\n');
}

type Told = Omit<Replayed, 'error' | 'grants'> & { readonly error?: string | undefined };

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

/** A progress bar on a terminal; nothing elsewhere. */
function startProgress(files: readonly EventFile[], io: Io) {
  if (!io.stderr.isTTY || files.some(({ path }) => path === '-')) return { advance: () => {}, stop: () => {} };
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const bar = new SingleBar({
    stream: io.stderr,
    clearOnComplete: true,
    format: '{bar} {percentage}% of the events, {eta} s left',
  });
  bar.start(total, 0);
  return { advance: (bytes: number) => bar.increment(bytes), stop: () => bar.stop() };
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
