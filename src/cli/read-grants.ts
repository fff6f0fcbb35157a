import { Readable } from 'node:stream';
import {
  findEventFiles,
  openEventFile,
  type RecordedEvent,
  readRecordedEvents,
} from '../cloudtrail/read-recorded-events.ts';
import { type Grant, readGrant } from '../policy/grant.ts';
import { readVpcGrant } from '../policy/vpc-grant.ts';
import { count } from './check.ts';
import { explainUnreadable, takeStandardInput } from './inputs.ts';
import { CommandError, type Io } from './io.ts';
import { oneLine } from './one-line.ts';

/** A grant that somebody wrote down, or why what is there is none. */
export type WrittenDown = Decided & { readonly file: string };

type Decided =
  | {
      readonly grant: Grant;
      readonly problem?: never;
      readonly outcome?: unknown;
      /** What a decision says that the rule of a security group said; nobody has looked at it yet. */
      readonly securityGroupRule?: unknown;
    }
  | { readonly grant?: never; readonly problem: string };

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
 * The grants in files: of an audit's report (`findings`), of decisions and outcomes (`grant`, `grants`), of recorded events.
 * Calls that made no grant are passed over; what cannot be read is told. Events of security groups are passed over as well,
 * which is told on standard error: they only point to rules, and what these say now only AWS knows.
 *
 * @param onReport is told of every report, which can be one without any grant.
 */
export async function* readGrants(
  paths: readonly string[],
  io: Io,
  onReport: () => void = () => {},
): AsyncGenerator<WrittenDown> {
  let pointers = 0;
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
    } else if (isObject(event) && event.outcome !== undefined) {
      for (const decided of readOutcome(event)) yield { file, ...decided };
    } else if (isObject(event) && event.grant !== undefined) yield { file, ...readDecided(event) };
    else if (parsed.kind === 'grant') yield { file, grant: parsed.grant };
    else if (parsed.kind === 'rejected') yield { file, problem: parsed.problems.join('; ') };
    else if (parsed.kind === 'rules' || parsed.kind === 'attachment') pointers++;
  }
  if (pointers > 0) io.stderr.write(describePointers(pointers));
}

function describePointers(number: number): string {
  return `${count(number, 'event')} of security groups passed over: they do not say what the rules are now. Replay them, and read what replay answers.\n`;
}

/** Each grant of an outcome: of an event about security groups there can be several. */
function* readOutcome(event: Record<string, unknown>): Generator<Decided> {
  const { outcome, grant, grants, grantsLeftOut } = event;
  if (Array.isArray(grants)) {
    for (const one of grants) yield readDecided(one);
    if (grantsLeftOut !== undefined)
      yield { problem: 'an outcome that leaves grants out: read its decision lines instead' };
    const hasFailed = grants.some((one) => isObject(one) && one.outcome === 'failed');
    if (outcome === 'failed' && !hasFailed) yield { problem: describeFailed(event) };
  } else if (grant !== undefined) yield readDecided(event);
  else if (outcome === 'rejected') yield { problem: describeRejected(event) };
  else if (outcome === 'failed') yield { problem: describeFailed(event) };
  else if (outcome !== 'ignored' && outcome !== 'already-gone') yield { problem: 'an outcome without a grant' };
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

/** Of an event whose grants could not all be looked up: nobody knows what there is beside those that it names. */
function describeFailed({ error }: Record<string, unknown>): string {
  const why = isObject(error) ? error.message : error;
  return joinTexts(['an event that could not be judged', why], ': ');
}

/** What is a text of what somebody wrote, for a message. */
function joinTexts(written: readonly unknown[], separator: string): string {
  return oneLine(written.filter((one) => typeof one === 'string').join(separator), 400);
}

/** A grant in the form in which decisions and reports hold it, and what became of it. */
function readDecided(decided: unknown): Decided {
  const { grant: written, outcome, securityGroupRule } = isObject(decided) ? decided : {};
  const { account, region, target, source } = isObject(written) ? written : {};
  const [reached, who] = [target, source].map((one) => (isObject(one) ? one : {})) as [Values, Values];
  const { grant, problems } =
    reached.cacheName === undefined
      ? readGrant({
          account,
          region,
          cacheSecurityGroupName: reached.cacheSecurityGroupName,
          ec2SecurityGroupName: who.ec2SecurityGroupName,
          ec2SecurityGroupOwnerId: who.ec2SecurityGroupOwnerId,
        })
      : readVpcGrant({
          account,
          region,
          cacheName: reached.cacheName,
          ports: reached.ports,
          securityGroupId: reached.securityGroupId,
          securityGroupRuleId: reached.securityGroupRuleId,
          source: who,
        });
  return grant === undefined ? { problem: problems.join('; ') } : { grant, outcome, securityGroupRule };
}

type Values = Record<string, unknown>;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
