import { InvalidArgumentError, Option } from 'commander';
import {
  DEFAULT_MAX_REVOCATIONS,
  MIXED,
  type Mixed,
  MODES,
  type Mode,
  SHARED,
  type Shared,
} from '../enforcement/mode.ts';
import { readAccountPath } from '../policy/account-paths.ts';
import { quote } from '../policy/quote.ts';
import { isRegion, normalizeOwnerId } from '../policy/written.ts';
import { CommandError, type Io } from './io.ts';

/** A whole number from `least` to `most`, for an option's value. */
export function wholeNumber(least: number, most: number): (written: string) => number {
  return (written) => {
    const value = /^[0-9]{1,15}$/.test(written) ? Number(written) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** A whole number from `least`, or `unlimited`, for an option's value. */
export function numberOrUnlimited(least: number): (written: string) => number {
  const most = 1_000_000;
  return (written) => {
    if (written === 'unlimited') return Number.POSITIVE_INFINITY;
    const value = /^[0-9]{1,7}$/.test(written) ? Number(written) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}, or unlimited.`);
  };
}

/** A probability from 0 to 1. */
export function probability(written: string): number {
  const value = /^[0-9.]+$/.test(written) ? Number(written) : Number.NaN;
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number from 0 (never) to 1 (always).');
}

/** An account id, without hyphens. */
export function accountId(written: string): string {
  const id = normalizeOwnerId(written);
  if (id === undefined) throw new InvalidArgumentError('It must be 12 digits.');
  return id;
}

/** Names of regions, one or several with commas between, added to those before: `--region a,b` and `--region a b`. Each once. */
export function regionNames(): (written: string) => string[] {
  // Commander gives what an option is by default as what was before.
  const given = new Set<string>();
  return (written) => {
    for (const name of written.split(',')) if (name.trim() !== '') given.add(name.trim());
    return [...given];
  };
}

/**
 * The regions to ask.
 *
 * @throws {CommandError} if there is none, or if one is no name of a region.
 */
export function refuseNoRegions(named: readonly string[] | undefined): readonly string[] {
  if (named === undefined || named.length === 0)
    throw new CommandError('which region? Say --region, or set AWS_REGION');
  const wrong = named.find((region) => !isRegion(region));
  if (wrong !== undefined) throw new CommandError(`${quote(wrong)} is not the name of a region, such as us-east-1`);
  return named;
}

/** `--account-path`: the organizational units of an account. */
export function accountPathOption(): Option {
  return new Option(
    '--account-path <path>',
    'where the account is in its organization: o-ab12cd34ef/r-ab12/ou-ab12-0123abcd/',
  ).argParser((written) => {
    const path = readAccountPath(written);
    if (path !== undefined) return path;
    throw new InvalidArgumentError(NO_ACCOUNT_PATH);
  });
}

/** What is wrong with a text that is no path of an account. */
export const NO_ACCOUNT_PATH =
  'It must be a path as AWS Organizations writes it, such as o-ab12cd34ef/r-ab12/ou-ab12-0123abcd/.';

/** One of several account ids, added to those before it. */
export function accountIds(written: string, before: readonly string[] = []): readonly string[] {
  return [...new Set([...before, accountId(written)])];
}

/** `--at`, else now. */
export function atOption(): Option {
  return new Option('--at <instant>', 'when: 2027-01-31, or 2027-01-31T12:00:00Z')
    .argParser(instant)
    .default(new Date(), 'now');
}

/** An instant, for an option's value. */
function instant(written: string): Date {
  const time = readInstant(written);
  if (time !== undefined) return time;
  throw new InvalidArgumentError(
    'It must be a day, such as 2027-01-31, or an instant in UTC, such as 2027-01-31T12:00:00Z.',
  );
}

/** `2027-01-31` (its first moment, in UTC) or `2027-01-31T12:00:00Z`; `undefined` if it is neither. */
export function readInstant(written: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z)?$/.test(written)) return undefined;
  const time = new Date(written);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** The allowlist to use where none is named: INGRESS_GUARD_ALLOWLIST, else ./allowlist.yaml. */
export function defaultAllowlist({ environment }: Io): string {
  return environment.INGRESS_GUARD_ALLOWLIST || 'allowlist.yaml';
}

/** `--allowlist FILE`, else INGRESS_GUARD_ALLOWLIST, else ./allowlist.yaml. */
export function allowlistOption(io: Io): Option {
  return new Option('--allowlist <file>', 'the allowlist to evaluate by (INGRESS_GUARD_ALLOWLIST)').default(
    defaultAllowlist(io),
  );
}

/** `--mode`, else INGRESS_GUARD_MODE, else report-only. */
export function modeOption({ environment }: Io): Option {
  return new Option('--mode <mode>', 'whether to revoke what no rule allows (INGRESS_GUARD_MODE)')
    .choices(MODES)
    .default((environment.INGRESS_GUARD_MODE || 'report-only') as Mode);
}

/** `--shared`, else INGRESS_GUARD_SHARED, else hold. */
export function sharedOption({ environment }: Io): Option {
  return new Option(
    '--shared <what>',
    "what to do with a denied security group rule that opens more than caches' ports, in a group that guards more than caches (INGRESS_GUARD_SHARED)",
  )
    .choices(SHARED)
    .default((environment.INGRESS_GUARD_SHARED || 'hold') as Shared);
}

/** `--mixed`, else INGRESS_GUARD_MIXED, else hold. */
export function mixedOption({ environment }: Io): Option {
  return new Option(
    '--mixed <what>',
    'what to do with a standing security group rule that makes both an allowed and a denied grant (INGRESS_GUARD_MIXED)',
  )
    .choices(MIXED)
    .default((environment.INGRESS_GUARD_MIXED || 'hold') as Mixed);
}

/** `--max-revocations`, else 10. */
export function maxRevocationsOption(description: string): Option {
  return new Option('--max-revocations <n>', description)
    .argParser(numberOrUnlimited(0))
    .default(DEFAULT_MAX_REVOCATIONS);
}

/**
 * Options that were not said come from variables, which no one has checked.
 *
 * @throws {CommandError} if one of them asks for something that there is not. Nothing is revoked on a guess of what was meant.
 */
export function refuseUnknown({
  mode,
  shared,
  mixed,
}: {
  readonly mode?: Mode;
  readonly shared: Shared;
  readonly mixed: Mixed;
}): void {
  if (mode !== undefined && !MODES.includes(mode)) {
    throw new CommandError(`INGRESS_GUARD_MODE is ${quote(mode)}: set it to ${MODES.join(' or ')}`);
  }
  if (!SHARED.includes(shared)) {
    throw new CommandError(`INGRESS_GUARD_SHARED is ${quote(shared)}: set it to ${SHARED.join(' or ')}`);
  }
  if (!MIXED.includes(mixed)) {
    throw new CommandError(`INGRESS_GUARD_MIXED is ${quote(mixed)}: set it to ${MIXED.join(' or ')}`);
  }
}

export type Format = 'text' | 'json';

/** `--format`: for a person, or for a program. */
export function formatOption(...more: string[]): Option {
  return new Option('--format <format>', 'how to write the answer').choices(['text', 'json', ...more]).default('text');
}
