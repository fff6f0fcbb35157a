import { explainUnreadable } from '../allowlist/explain-unreadable.ts';
import type { SecurityGroupRulesEvent } from '../cloudtrail/parse-security-group-event.ts';
import { type RecordedEvent, readRecordedEvents } from '../cloudtrail/read-recorded-events.ts';
import { type AccountPaths, readAccountPath } from '../policy/account-paths.ts';
import { readClassicGrant } from '../policy/classic/grant.ts';
import type { Grant } from '../policy/grant.ts';
import { readVpcGrant } from '../policy/vpc/read-grant.ts';
import { count } from './check.ts';
import { type EventFile, findEventFiles, openEventFile } from './event-files.ts';
import { readFileText } from './file-text.ts';
import { takeStandardInput } from './inputs.ts';
import { CommandError, type Io } from './io.ts';
import { oneLine } from './one-line.ts';

/** A grant that someone wrote down, or why what is there is none. */
export type WrittenDown = Decided & {
  /** The file, and the line if there is one. */
  readonly where: string;
};

type Decided =
  | {
      readonly grant: Grant;
      readonly problem?: never;
      readonly notJudged?: never;
      readonly outcome?: unknown;
      /** What a decision says that the rule of a security group said; no one has looked at it yet. */
      readonly securityGroupRule?: unknown;
    }
  | {
      readonly grant?: never;
      readonly problem: string;
      /** Set of what was never evaluated: so nothing was revoked by it. */
      readonly notJudged?: true;
    };

/** One recorded event and the file that it is in; without a line, what is wrong with the file. */
export type EventInFile = { readonly file: string } & (
  | RecordedEvent
  | { readonly line?: never; readonly problem: string }
);

/** The events in files. A file that cannot be read, or not to its end, is a problem like an event that cannot be. */
export async function* readEventFiles(
  files: readonly EventFile[],
  io: Io,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<EventInFile> {
  for (const { path: file, problem } of files) {
    if (problem !== undefined) {
      yield { file, problem };
      continue;
    }
    const bytes = file === '-' ? takeStandardInput(io) : openEventFile(file, onBytes);
    try {
      for await (const event of readRecordedEvents(readFileText(bytes))) yield { ...event, file };
    } catch (error) {
      const problem =
        error instanceof CommandError ? error.message : `cannot be read to its end: ${explainUnreadable(error)}`;
      yield { file, problem };
    }
  }
}

/** As long as a path can be. */
const LONGEST_PATH = 4096;

/** Where an event is, on one line: `events.jsonl:3`. */
export function whereOf({ file, line }: { readonly file: string; readonly line?: number | undefined }): string {
  const path = oneLine(file, LONGEST_PATH);
  return line === undefined ? path : `${path}:${line}`;
}

/**
 * The grants in files: of an audit's report (`findings`), of decisions and outcomes (`grant`, `grants`), of recorded events.
 * Calls that made no grant are passed over; what cannot be read is a problem. Events of security groups are passed over as
 * well, and standard error reports how many: they only point to rules, and what these say now only AWS knows.
 *
 * @param onReport is called for every report, which can be one without any grant, with what it says of its accounts' organizational
 * units.
 * @param onRules is called for every event that names rules of security groups, which is then not passed over.
 */
export async function* readGrants(
  paths: readonly string[],
  io: Io,
  onReport: (accountPaths: AccountPaths) => void = () => {},
  onRules?: (event: SecurityGroupRulesEvent) => void,
): AsyncGenerator<WrittenDown> {
  let pointers = 0;
  for await (const recorded of readEventFiles(await findEventFiles(paths, io), io)) {
    const where = whereOf(recorded);
    if ('problem' in recorded) yield { where, problem: recorded.problem };
    else if ('decided' in recorded) {
      for (const one of readAllDecided(recorded.decided, onReport)) yield { where, ...one };
    } else if (recorded.parsed.kind === 'grant') yield { where, grant: recorded.parsed.grant };
    else if (recorded.parsed.kind === 'rejected') yield { where, problem: recorded.parsed.problems.join('; ') };
    else if (
      recorded.parsed.kind === 'rules' &&
      onRules !== undefined &&
      recorded.parsed.securityGroupRuleIds.length > 0
    ) {
      onRules(recorded.parsed);
    } else if (POINTERS.has(recorded.parsed.kind)) pointers++;
  }
  if (pointers > 0) io.stderr.write(describePointers(pointers));
}

/** The kinds of events that only say where to look. */
const POINTERS: ReadonlySet<string> = new Set(['rules', 'attachment', 'prefixList']);

/** The grants of a report, an outcome or a decision. */
function* readAllDecided(decided: Values, onReport: (accountPaths: AccountPaths) => void): Generator<Decided> {
  if (Array.isArray(decided.findings)) {
    onReport(readAccountPaths(decided));
    if (decided.complete === false) yield { problem: describeIncomplete(decided), notJudged: true };
    for (const finding of decided.findings) yield readDecided(finding);
  } else if (decided.outcome !== undefined) yield* readOutcome(decided);
  else yield readDecided(decided);
}

/** That so many events only say where to look. */
export function describePointers(number: number): string {
  return `${count(number, 'event')} of security groups passed over: they do not say what the rules are now. Replay them, and read what replay answers.\n`;
}

/** Each grant of an outcome: of an event about security groups there can be several. */
function* readOutcome(event: Values): Generator<Decided> {
  const { outcome, grant, grants, grantsLeftOut } = event;
  if (Array.isArray(grants)) {
    for (const one of grants) yield readDecided(one);
    if (grantsLeftOut !== undefined)
      yield { problem: 'an outcome that leaves grants out: read its decision lines instead' };
    const hasFailed = grants.some((one) => isObject(one) && one.outcome === 'failed');
    if (outcome === 'failed' && !hasFailed) yield { problem: describeFailed(event), notJudged: true };
  } else if (grant !== undefined) yield readDecided(event);
  else if (outcome === 'rejected') yield { problem: describeRejected(event), notJudged: true };
  else if (outcome === 'failed') yield { problem: describeFailed(event), notJudged: true };
  else if (outcome !== 'ignored' && outcome !== 'already-gone') yield { problem: 'an outcome without a grant' };
}

/** Where the accounts of a report of an organization are in it. */
function readAccountPaths({ targets }: Values): AccountPaths {
  const listed = Array.isArray(targets) ? targets.filter(isObject) : [];
  return new Map(
    listed.flatMap(({ account, path }) => {
      const ids = typeof path === 'string' ? readAccountPath(path) : undefined;
      return typeof account === 'string' && ids !== undefined ? [[account, ids]] : [];
    }),
  );
}

/** What could not be judged never looks clean. */
function describeIncomplete({ notJudged }: Values): string {
  const [first] = Array.isArray(notJudged) ? notJudged.filter(isObject) : [];
  if (first === undefined) return 'this audit did not see everything';
  // Before version 1.2, a report did not name the account.
  const place = joinTexts([first.region, first.account], ' of ');
  return `this audit did not see everything: ${joinTexts([place, first.what, first.why], ': ')}`;
}

/** What `replay` and the function say of an event that they could not judge by. */
function describeRejected({ problems }: Values): string {
  return Array.isArray(problems) ? joinTexts(problems, '; ') : 'an event that was rejected';
}

/** Of an event whose grants could not all be looked up: no one knows what there is besides those that it names. */
function describeFailed({ error }: Values): string {
  const why = isObject(error) ? error.message : error;
  return joinTexts(['an event that could not be evaluated', why], ': ');
}

/** What is a text of what someone wrote, for a message. */
function joinTexts(written: readonly unknown[], separator: string): string {
  return oneLine(written.filter((one) => typeof one === 'string').join(separator), 400);
}

/** A grant in the form in which decisions and reports hold it, and its outcome. Never throws. */
export function readDecided(decided: unknown): Decided {
  const { grant: written, outcome, securityGroupRule } = isObject(decided) ? decided : {};
  const { account, region, target, source } = isObject(written) ? written : {};
  const [reached, who] = [target, source].map((one) => (isObject(one) ? one : {})) as [Values, Values];
  const { grant, problems } =
    reached.cacheName === undefined
      ? readClassicGrant({
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
          clusterNames: reached.clusterNames,
          ports: reached.ports,
          securityGroupId: reached.securityGroupId,
          securityGroupRuleId: reached.securityGroupRuleId,
          source: who,
        });
  return grant === undefined ? { problem: problems.join('; ') } : { grant, outcome, securityGroupRule };
}

type Values = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
