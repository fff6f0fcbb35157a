import { Readable } from 'node:stream';
import {
  findEventFiles,
  openEventFile,
  type RecordedEvent,
  readRecordedEvents,
} from '../cloudtrail/read-recorded-events.ts';
import { type Grant, readGrant } from '../policy/grant.ts';
import { explainUnreadable } from './inputs.ts';
import { CommandError, type Io } from './io.ts';

/** A grant that somebody wrote down, or why what is there is none. */
export type WrittenDown =
  | { readonly file: string; readonly grant: Grant; readonly problem?: never }
  | { readonly file: string; readonly grant?: never; readonly problem: string };

/** One recorded event and the file it is in. */
export type EventInFile = RecordedEvent & { readonly file: string };

/**
 * The events in files, in folders of them, and on standard input (`-`).
 *
 * @throws {CommandError} if a file cannot be read.
 */
export async function* readEventFiles(
  paths: readonly string[],
  io: Io,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<EventInFile> {
  for (const path of paths) {
    for (const file of path === '-' ? ['-'] : await findFiles(path)) {
      const stream = file === '-' ? Readable.from(io.stdin) : openEventFile(file, onBytes);
      try {
        for await (const event of readRecordedEvents(stream)) yield { ...event, file };
      } catch (error) {
        throw new CommandError(`${file} cannot be read: ${explainUnreadable(error)}`, { cause: error });
      }
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
 */
export async function* readGrants(paths: readonly string[], io: Io): AsyncGenerator<WrittenDown> {
  for await (const { file, ...recorded } of readEventFiles(paths, io)) {
    if (recorded.problem !== undefined) {
      yield { file, problem: recorded.problem };
      continue;
    }
    const { event, parsed } = recorded;
    if (isObject(event) && Array.isArray(event['findings'])) {
      for (const finding of event['findings'])
        yield { file, ...readWritten(isObject(finding) ? finding['grant'] : finding) };
    } else if (isObject(event) && event['grant'] !== undefined) yield { file, ...readWritten(event['grant']) };
    else if (parsed.kind === 'grant') yield { file, grant: parsed.grant };
    else if (parsed.kind === 'rejected') yield { file, problem: parsed.problems.join('; ') };
  }
}

/** A grant in the form in which decisions and reports hold it. */
function readWritten(written: unknown): { grant: Grant; problem?: never } | { grant?: never; problem: string } {
  const { account, region, target, source } = isObject(written) ? written : {};
  const { grant, problems } = readGrant({
    account,
    region,
    cacheSecurityGroupName: isObject(target) ? target['cacheSecurityGroupName'] : undefined,
    ec2SecurityGroupName: isObject(source) ? source['ec2SecurityGroupName'] : undefined,
    ec2SecurityGroupOwnerId: isObject(source) ? source['ec2SecurityGroupOwnerId'] : undefined,
  });
  return grant === undefined ? { problem: problems.join('; ') } : { grant };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
