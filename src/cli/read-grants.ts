import { Readable } from 'node:stream';
import {
  findEventFiles,
  openEventFile,
  type RecordedEvent,
  readRecordedEvents,
} from '../cloudtrail/read-recorded-events.ts';
import { type Grant, readGrant } from '../policy/grant.ts';
import { explainUnreadable, takeStandardInput } from './inputs.ts';
import { CommandError, type Io } from './io.ts';
import { oneLine } from './one-line.ts';

/** A grant that somebody wrote down, or why what is there is none. */
export type WrittenDown =
  | { readonly file: string; readonly grant: Grant; readonly problem?: never; readonly outcome?: unknown }
  | { readonly file: string; readonly grant?: never; readonly problem: string };

/** One recorded event and the file it is in. */
export type EventInFile = RecordedEvent & { readonly file: string };

/**
 * The events in files, in folders of them, and on standard input (`-`). A file that cannot be read, or not to its end, is
 * told like an event that cannot be.
 *
 * @throws {CommandError} if there is no such file.
 */
export async function* readEventFiles(
  paths: readonly string[],
  io: Io,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<EventInFile> {
  const files: string[] = [];
  for (const path of paths) files.push(...(path === '-' ? ['-'] : await findFiles(path)));
  for (const file of files) {
    const stream = file === '-' ? Readable.from(takeStandardInput(io)) : openEventFile(file, onBytes);
    try {
      for await (const event of readRecordedEvents(stream)) yield { ...event, file };
    } catch (error) {
      yield { file, problem: `cannot be read to its end: ${explainUnreadable(error)}` };
    }
  }
}

/** The files of events under a path. */
export async function findFiles(path: string): Promise<string[]> {
  try {
    return await findEventFiles(path);
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${explainUnreadable(error)}`, { cause: error });
  }
}

/**
 * The grants in files: of an audit's report (`findings`), of decisions and outcomes (`grant`), of recorded events. Calls
 * that made no grant are passed over; what cannot be read is told.
 *
 * @param onReport is told of every report, which can be one without any grant.
 */
export async function* readGrants(
  paths: readonly string[],
  io: Io,
  onReport: () => void = () => {},
): AsyncGenerator<WrittenDown> {
  for await (const { file, ...recorded } of readEventFiles(paths, io)) {
    if (recorded.problem !== undefined) {
      yield { file, problem: recorded.problem };
      continue;
    }
    const { event, parsed } = recorded;
    if (isObject(event) && Array.isArray(event.findings)) {
      onReport();
      if (event.complete === false) yield { file, problem: describeIncomplete(event) };
      for (const finding of event.findings) yield { file, ...readDecided(finding) };
    } else if (isObject(event) && event.grant !== undefined) yield { file, ...readDecided(event) };
    else if (isObject(event) && event.outcome === 'ignored') continue;
    else if (isObject(event) && event.outcome === 'rejected') yield { file, problem: describeRejected(event) };
    else if (parsed.kind === 'grant') yield { file, grant: parsed.grant };
    else if (parsed.kind === 'rejected') yield { file, problem: parsed.problems.join('; ') };
  }
}

/** What could not be judged never looks clean. */
function describeIncomplete({ notJudged }: Record<string, unknown>): string {
  const [first] = Array.isArray(notJudged) ? notJudged.filter(isObject) : [];
  const why = first === undefined ? '' : `: ${joinTexts([first.region, first.what, first.why], ': ')}`;
  return `this audit did not see everything${why}`;
}

/** What `replay` and the function say of an event that they could not judge by. */
function describeRejected({ problems }: Record<string, unknown>): string {
  return Array.isArray(problems) ? joinTexts(problems, '; ') : 'an event that was rejected';
}

/** What is a text of what somebody wrote, for a message. */
function joinTexts(written: readonly unknown[], separator: string): string {
  return oneLine(written.filter((one) => typeof one === 'string').join(separator), 400);
}

/** A grant in the form in which decisions and reports hold it, and what became of it. */
function readDecided(decided: unknown): { grant: Grant; outcome: unknown } | { problem: string } {
  const { grant: written, outcome } = isObject(decided) ? decided : {};
  const { account, region, target, source } = isObject(written) ? written : {};
  const { grant, problems } = readGrant({
    account,
    region,
    cacheSecurityGroupName: isObject(target) ? target.cacheSecurityGroupName : undefined,
    ec2SecurityGroupName: isObject(source) ? source.ec2SecurityGroupName : undefined,
    ec2SecurityGroupOwnerId: isObject(source) ? source.ec2SecurityGroupOwnerId : undefined,
  });
  return grant === undefined ? { problem: problems.join('; ') } : { grant, outcome };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
