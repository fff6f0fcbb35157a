import { type Command, Option } from 'commander';
import pMap from 'p-map';
import type { OpenQueue, QueueDepth, ReceivedMessage } from '../aws/sqs/queue.ts';
import { capital, count, instant, list } from '../report/wording.ts';
import { asker } from './ask.ts';
import { type DeadLetter, type EventFunctions, readDeadLetter } from './dead-letter.ts';
import {
  findStack,
  outputOf,
  type StackOptions,
  stackRegion,
  stackRegionOption,
  stageOption,
} from './deployed-stack.ts';
import { finishFirst, report } from './finish-first.ts';
import { CommandError, EXIT, type Io } from './io.ts';
import { oneLine } from './one-line.ts';

/** By the names that stack/queues.yml gives them. */
const QUEUES = ['DeadLetterQueue', 'UndeliveredQueue'] as const;
type QueueName = (typeof QUEUES)[number];

interface RedriveOptions extends StackOptions {
  readonly queue?: QueueName;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

/** For how long others do not see what a run has listed, in seconds. A run that was killed lets go after it. */
const HOLD_SECONDS = 600;
/** What is left of it when nothing more is begun, in milliseconds: a call and its retries must not outlast it. */
const MARGIN_MS = 60_000;
/** How much one run takes at most: it keeps all of it in memory. */
const MOST_MESSAGES = 1000;
const MOST_BYTES = 64 * 1024 * 1024;
/** How many messages of a cause are shown, and how much of a text. */
const MOST_SHOWN = 5;
const LONGEST_SHOWN = 400;
/** How many calls are made at once. */
const AT_ONCE = 8;

/** `ingress-guard redrive`: give what waits in the dead-letter queues to its functions again. */
export function redriveCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('redrive')
    .description('list the messages in the dead-letter queues, and send each event to its function again')
    .addOption(stackRegionOption(io))
    .addOption(stageOption())
    .addOption(new Option('--queue <name>', 'only this queue of the stack (default: both)').choices(QUEUES))
    .option('--dry-run', 'list the messages; change nothing', false)
    .option('--yes', 'do not ask before events are sent to their functions', false)
    .addHelpText(
      'after',
      `
Fix the cause first: an event that fails again comes back. An event is deleted from its queue when Lambda has taken it. It may be evaluated
twice, which is harmless. A message that is not an event is shown; it is deleted only if you say so at the terminal.
While it runs, and for ${HOLD_SECONDS / 60} minutes if it is killed, others do not see the messages.
Exit code: 0 nothing waits any more (--dry-run: everything was listed), 1 something is left or could not be read.

Example:
  $ ingress-guard redrive --dry-run`,
    )
    .action(async (options: RedriveOptions) => exit(await redrive(options, io)));
}

/** A message that we hold, and what it is. */
interface Held {
  readonly queue: HeldQueue;
  readonly message: ReceivedMessage;
  readonly letter: DeadLetter;
  /** When it was received, at the earliest, in milliseconds since the epoch. */
  readonly since: number;
}

interface HeldQueue {
  readonly name: QueueName;
  readonly open: OpenQueue;
}

/** What one run has done, and what it could not do. */
interface Run {
  readonly io: Io;
  /** What is still held, by the id of its message. */
  readonly held: Map<string, Held>;
  /** What went wrong, and how often. */
  readonly problems: Map<string, number>;
}

async function redrive(options: RedriveOptions, io: Io): Promise<number> {
  if (!options.dryRun && !options.yes && !io.stdin.isTTY) {
    throw new CommandError('redrive asks first, and no one is at a terminal: add --yes, or --dry-run to list only');
  }
  using _ = finishFirst(io);
  const region = stackRegion(options);
  const stack = await findStack(options, io.interrupted);
  const functions = {
    enforceIngress: outputOf(stack, 'EnforceIngressFunctionName'),
    enforceSecurityGroup: outputOf(stack, 'EnforceSecurityGroupFunctionName'),
  };
  const { openQueue } = await import('../aws/sqs/queue.ts');
  const names = options.queue === undefined ? QUEUES : [options.queue];
  const queues = names.map((name): HeldQueue => ({ name, open: openQueue({ region }, outputOf(stack, `${name}Url`)) }));
  const run: Run = { io, held: new Map(), problems: new Map() };
  try {
    for (const queue of queues) await listQueue(queue, functions, run);
    const isAllListed = run.problems.size === 0;
    if (!options.dryRun) await act(options, region, run);
    const left = await letGo(run);
    for (const [problem, times] of run.problems) {
      io.stderr.write(`ingress-guard: ${times > 1 ? `${count(times, 'time')}: ` : ''}${problem}\n`);
    }
    if (io.interrupted.aborted) io.stderr.write('ingress-guard: ended early: run it again for the rest\n');
    const isDone = options.dryRun ? isAllListed : left === 0 && run.problems.size === 0;
    return isDone && !io.interrupted.aborted ? EXIT.done : EXIT.failed;
  } finally {
    for (const { open } of queues) open.close();
  }
}

/** Holds what is in a queue, and prints it by cause. */
async function listQueue(queue: HeldQueue, functions: EventFunctions, run: Run): Promise<void> {
  const { io, held } = run;
  const before = held.size;
  let depth: QueueDepth | undefined;
  let isWhole = false;
  try {
    depth = await queue.open.depth(io.interrupted);
    isWhole = await hold(queue, functions, run);
  } catch (error) {
    if (!io.interrupted.aborted) {
      note(run, `${queue.name} could not be read. ${describe(error)}. Your credentials need ${list(NEEDED, 'and')}`);
    }
  }
  const found = [...held.values()].slice(before);
  const isEmpty = isWhole && found.length === 0;
  if (depth !== undefined) {
    await report(
      io,
      `${queue.name}: ${isEmpty ? 'no message' : count(found.length, 'message')}${isWhole ? '' : ', perhaps more'}`,
    );
  }
  for (const lines of describeAll(found)) await report(io, lines);
  if (depth === undefined || io.interrupted.aborted) return;
  if (depth.held > 0) {
    const held = `${count(depth.held, 'message is', 'messages are')} held by another run, or by one that was killed`;
    note(run, `${queue.name}: ${held}, and not listed. Run it again in ${HOLD_SECONDS / 60} minutes`);
  }
  if (isWhole && depth.waiting > found.length) {
    note(run, `SQS counts ${depth.waiting} in ${queue.name} and gave ${found.length}: run it again`);
  }
}

const NEEDED = ['GetQueueAttributes', 'ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility'].map(
  (action) => `sqs:${action}`,
);

/** @returns whether that is all there is. */
async function hold(queue: HeldQueue, functions: EventFunctions, { io, held, problems }: Run): Promise<boolean> {
  let bytes = 0;
  for (let messages = 0; messages < MOST_MESSAGES && bytes < MOST_BYTES; ) {
    if (io.interrupted.aborted) return false;
    const since = Date.now();
    // To its end also on Ctrl-C: what SQS gave to a call that was broken off, no one would see for a while.
    const received = await queue.open.receive(HOLD_SECONDS);
    if (received.length === 0) return true;
    for (const message of received) {
      // A standard queue may give one twice.
      if (!held.has(message.id)) {
        messages += 1;
        bytes += message.body.length;
      }
      held.set(message.id, { queue, message, letter: readDeadLetter(message, functions), since });
    }
  }
  problems.set(`${queue.name} has more than one run takes: run it again for the rest`, 1);
  return false;
}

/** What is to be said of messages that are alike. */
function* describeAll(found: readonly Held[]): Generator<string> {
  const alike = Map.groupBy(found, ({ letter }) => JSON.stringify([headOf(letter), withoutIds(letter.cause)]));
  for (const group of alike.values()) {
    const [first] = group as [Held, ...Held[]];
    const { kind } = first.letter;
    const oldest = group
      .flatMap(({ message }) => message.sentAt ?? [])
      .toSorted((a, b) => a.getTime() - b.getTime())[0];
    const since = oldest === undefined ? '' : `, oldest of ${instant(oldest.toISOString())}`;
    yield `  ${group.length} × ${headOf(first.letter)}${since}`;
    yield `    cause: ${shown(first.letter.cause)}`;
    // What may be deleted for good is shown, each.
    const most = kind === 'other' ? group.length : MOST_SHOWN;
    for (const { letter, message } of group.slice(0, most)) {
      yield `    - ${shown(letter.kind === 'event' ? letter.what : message.body)}`;
    }
    if (group.length > most) yield `    - and ${group.length - most} more`;
  }
}

function headOf(letter: DeadLetter): string {
  if (letter.kind === 'event') return `event for ${letter.functionName}`;
  return letter.kind === 'superseded' ? `${letter.what} that failed: the next one does the same` : shown(letter.what);
}

/** Causes that differ in an id or a number alone are one cause. */
function withoutIds(cause: string): string {
  return cause.replace(/\b[\w-]*\d[\w-]*\b/g, '…');
}

/** What anyone may have written, for a terminal. */
function shown(text: string): string {
  return oneLine(text, LONGEST_SHOWN);
}

/** Gives events to their functions, and deletes what is to go, as far as a person wants it. */
async function act(options: RedriveOptions, region: string, run: Run): Promise<void> {
  const all = [...run.held.values()];
  const events = all.filter(({ letter }) => letter.kind === 'event');
  const superseded = all.filter(({ letter }) => letter.kind === 'superseded');
  const others = all.filter(({ letter }) => letter.kind === 'other');
  using questions = asker(run.io);
  const toDo = [
    events.length > 0 &&
      `give ${count(events.length, 'event')} to ${events.length === 1 ? 'its function' : 'their functions'} again`,
    superseded.length > 0 &&
      `delete ${count(superseded.length, 'failed audit or heartbeat', 'failed audits and heartbeats')}`,
  ].filter((one) => one !== false);
  if (toDo.length > 0) {
    if (!options.yes && !(await questions.ask(`${capital(list(toDo, 'and'))}?`))) {
      throw await declined(run);
    }
    await giveAgain(events, region, run);
    await deleteAll(superseded, run, 'audit or heartbeat that failed', 'audits and heartbeats that failed');
  }
  if (others.length === 0 || !run.io.stdin.isTTY) return;
  const them = count(others.length, 'message that is not an event', 'messages that are not events');
  if (await questions.ask(`Delete ${them}, shown above? Nothing brings ${others.length === 1 ? 'it' : 'them'} back.`)) {
    await deleteAll(others, run, 'message that is not an event', 'messages that are not events');
  }
}

async function declined(run: Run): Promise<CommandError> {
  await letGo(run);
  return new CommandError(['nothing was given and nothing was deleted', ...run.problems.keys()].join('. '));
}

async function giveAgain(events: readonly Held[], region: string, run: Run): Promise<void> {
  if (events.length === 0) return;
  const { functionsAt } = await import('../aws/lambda/invoke-event.ts');
  const functions = functionsAt({ region });
  const given = new Map<string, number>();
  const giveOne = async (one: Held): Promise<void> => {
    const { letter, message } = one;
    if (letter.kind !== 'event' || !mayBegin(one, run)) return;
    try {
      await functions.invokeEvent(letter.functionName, message.body);
    } catch (error) {
      note(run, `an event was not taken by ${letter.functionName} and stays in its queue. ${describe(error)}`);
      return;
    }
    given.set(letter.functionName, (given.get(letter.functionName) ?? 0) + 1);
    await deleteOne(one, run, 'an event was taken by its function and could not be deleted, so it comes back');
  };
  try {
    await pMap(events, giveOne, { concurrency: AT_ONCE });
  } finally {
    functions.close();
  }
  for (const [name, times] of given) await report(run.io, `given again: ${count(times, 'event')} to ${name}`);
}

async function deleteAll(all: readonly Held[], run: Run, one: string, many: string): Promise<void> {
  if (all.length === 0) return;
  let deleted = 0;
  const deleteIfHeld = async (held: Held): Promise<void> => {
    if (mayBegin(held, run) && (await deleteOne(held, run, 'a message could not be deleted'))) deleted += 1;
  };
  await pMap(all, deleteIfHeld, { concurrency: AT_ONCE });
  await report(run.io, `deleted: ${count(deleted, one, many)}`);
}

/** Whether something may be begun with a message: we still hold it, and no one wants us to end. */
function mayBegin({ since, queue }: Held, run: Run): boolean {
  if (run.io.interrupted.aborted) return false;
  if (Date.now() < since + HOLD_SECONDS * 1000 - MARGIN_MS) return true;
  note(run, `a message of ${queue.name} was held for too long and is left to others: run it again`);
  return false;
}

async function deleteOne({ queue, message }: Held, run: Run, otherwise: string): Promise<boolean> {
  // Whatever the result, this run does not release it any more.
  run.held.delete(message.id);
  try {
    await queue.open.delete(message);
    return true;
  } catch (error) {
    note(run, `${otherwise}. ${describe(error)}`);
    return false;
  }
}

/** Shows others what is still held. @returns how many that were. */
async function letGo(run: Run): Promise<number> {
  const left = [...run.held.values()];
  run.held.clear();
  const release = async ({ queue, message }: Held): Promise<void> => {
    try {
      await queue.open.release(message);
    } catch (error) {
      const until = `others see it in ${HOLD_SECONDS / 60} minutes`;
      note(run, `a message of ${queue.name} could not be let go: ${until}. ${describe(error)}`);
    }
  };
  await pMap(left, release, { concurrency: AT_ONCE });
  for (const [name, ofQueue] of Map.groupBy(left, ({ queue }) => queue.name)) {
    await report(run.io, `left in ${name}: ${count(ofQueue.length, 'message')}`);
  }
  return left.length;
}

function note({ problems }: Run, problem: string): void {
  problems.set(problem, (problems.get(problem) ?? 0) + 1);
}

/** What AWS answered can repeat what anyone wrote. */
function describe(error: unknown): string {
  const { name, message } = error as Error;
  return shown(`${name}: ${message}`);
}
