import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import type { RecordedEvent } from '../cloudtrail/read-recorded-events.ts';
import { type EventOutcome, enforceEvent, type ReadEvent } from '../enforcement/enforce-event.ts';
import type { Mode } from '../enforcement/enforce-grant.ts';
import { describeGrant, printable } from '../policy/grant.ts';
import type { Outcome } from '../policy/outcome.ts';
import { readAllowlist } from './inputs.ts';
import { CommandError, EXIT, type Io } from './io.ts';
import { accountId, allowlistOption, type Format, formatOption } from './options.ts';
import { type Paint, painter } from './paint.ts';
import { findFiles, readEventFiles } from './read-grants.ts';

interface ReplayOptions {
  readonly allowlist: string;
  readonly account?: string;
  readonly enforce: boolean;
  readonly yes: boolean;
  readonly format: Format;
}

/** One event's outcome, and where the event was. */
type Replayed = EventOutcome & { readonly file: string; readonly error?: string };

/** How long one revocation may take, with all its retries. */
const REVOCATION_TIMEOUT_MS = 60_000;

/** `ingress-guard replay`: what would become, or becomes, of recorded events. */
export function replayCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('replay')
    .description('put recorded events through the way of a grant; nothing is revoked without --enforce')
    .argument('<events...>', 'files, folders of files (.json, .jsonl, .ndjson, also .gz); - for standard input')
    .addOption(allowlistOption(io))
    .option('--account <id>', 'reject events of any other account; needed with --enforce', accountId)
    .option('--enforce', 'revoke what no rule allows', false)
    .option('--yes', 'do not ask before --enforce', false)
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Reads EventBridge events, CloudTrail log files and what \`aws cloudtrail lookup-events\` prints.
Exit code: 0 done, 1 an event was rejected or a revocation failed, 2 disallowed grants, 3 allowlist not valid.

Example:
  $ ingress-guard replay cloudtrail-logs/ --format json`,
    )
    .action(async (paths: string[], options: ReplayOptions) => exit(await replay(paths, options, io)));
}

async function replay(paths: readonly string[], options: ReplayOptions, io: Io): Promise<number> {
  const { compiled, sha256 } = await readAllowlist(options.allowlist, io);
  if (options.enforce) await confirm(options, io);
  const mode: Mode = options.enforce ? 'enforce' : 'report-only';
  const counts = new Map<Outcome, number>();
  const bar = await startProgress(paths, io);
  for await (const { file, parsed, problem } of readEventFiles(paths, io, bar.advance)) {
    const { outcome, error } = await enforceEvent(
      parsed === undefined
        ? {
            kind: 'rejected',
            problems: [problem],
            call: { eventId: undefined, eventTime: undefined, grantedBy: {} },
          }
        : toReadEvent(parsed),
      {
        guardedAccount: options.account,
        readPolicy: async () => ({ allowlist: compiled, allowlistSha256: sha256, mode }),
        now: () => new Date(),
        revoke: async (grant) => {
          const { revoke } = await import('../elasticache/revoker.ts');
          return await revoke(grant, new Date(Date.now() + REVOCATION_TIMEOUT_MS));
        },
      },
    );
    counts.set(outcome.outcome, (counts.get(outcome.outcome) ?? 0) + 1);
    await write(io, { ...outcome, file, ...(error !== undefined && { error: describeError(error) }) }, options.format);
  }
  bar.stop();
  io.stderr.write(`${[...counts].map(([outcome, number]) => `${number} ${outcome}`).join(', ') || 'no event'}\n`);
  const has = (...outcomes: Outcome[]): boolean => outcomes.some((outcome) => counts.has(outcome));
  if (has('rejected', 'failed')) return EXIT.failed;
  return has('would-revoke', 'revoked') ? EXIT.disallowed : EXIT.done;
}

/** What concerns VPC security groups is passed over. */
function toReadEvent(parsed: NonNullable<RecordedEvent['parsed']>): ReadEvent {
  return parsed.kind === 'rules' || parsed.kind === 'attachment' || 'securityGroupId' in parsed
    ? { kind: 'ignored', reason: 'a call for a VPC security group', call: parsed.call }
    : parsed;
}

/** Asks a person at a terminal; a script must say --yes. */
async function confirm({ account, yes }: ReplayOptions, io: Io): Promise<void> {
  if (account === undefined) {
    throw new CommandError(
      '--enforce needs --account: the account whose cache security groups your credentials may change',
    );
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
  const line = format === 'json' ? JSON.stringify(replayed) : toText(replayed, painter(io));
  if (!io.stdout.write(`${line}\n`)) await new Promise((resolve) => io.stdout.once('drain', resolve));
}

function toText({ outcome, grant, decision, problems, error, file, eventTime }: Replayed, paint: Paint): string {
  const why =
    error ??
    (decision === undefined
      ? problems?.join('; ')
      : decision.effect === 'allow'
        ? `rule \`${decision.rule}\``
        : decision.reasons[0]?.text) ??
    '';
  const what =
    grant === undefined ? file : `${describeGrant(grant)}${eventTime ? ` at ${eventTime.toISOString()}` : ''}`;
  const colour = outcome === 'allowed' ? 'green' : outcome === 'rejected' || outcome === 'failed' ? 'red' : 'yellow';
  return `${paint(colour, outcome.padEnd(14))} ${printable(what, 400)}\n${' '.repeat(15)}${printable(why, 400)}`;
}

/** A progress bar on a terminal; nothing elsewhere. */
async function startProgress(paths: readonly string[], io: Io) {
  if (!io.stderr.isTTY || paths.includes('-')) return { advance: () => {}, stop: () => {} };
  const files = (await Promise.all(paths.map(findFiles))).flat();
  const total = (await Promise.all(files.map((file) => stat(file)))).reduce((bytes, { size }) => bytes + size, 0);
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
