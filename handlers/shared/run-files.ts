import pMap from 'p-map';
import { type RunStore, UnreadableFileError } from '../../src/aws/s3/run-store.ts';
import { type AccountResult, type ActResult, RESULT_SCHEMA_VERSION } from '../../src/organization/account-result.ts';
import { accountPathsOf, accountsToJudge, type Manifest } from '../../src/organization/manifest.ts';
import type { AccountFailure } from '../../src/organization/run-so-far.ts';
import type { SettledRun } from '../../src/organization/settle-run.ts';
import type { PlaceNames } from '../../src/policy/vpc/gone-names.ts';
import type { ReadPolicy } from './policy.ts';
import type { RunSummary } from './run-summary.ts';

/** The files of a run, and what is in them. Each function writes its own, and reads those of the functions before it. */
const MANIFEST = 'manifest.json';
const SETTLED = 'settled.json';
const NAMES = 'names.json';
const CLOSED = 'closed.json';
export const RESULT = (account: string): string => `${account}.json`;
export const ACTED = (account: string): string => `${account}-acted.json`;

/** What a run needs from its files and does not find, or finds in another shape. */
export class RunFileError extends Error {
  override name = 'RunFileError';
}

/** How many files are read at once. */
const READS_AT_ONCE = 20;

/** What a run settled. */
export interface Settled {
  readonly toAct: SettledRun['settlement']['toAct'];
  /** The accounts whose evaluation failed in the end, as the state machine had it. */
  readonly failures: readonly AccountFailure[];
}

/** The manifest of a run; `undefined` if its accounts were not listed yet. */
export async function findManifest(store: RunStore, run: string): Promise<Manifest | undefined> {
  return manifestOf(await store.get(MANIFEST), run);
}

function manifestOf(value: unknown, run: string): Manifest | undefined {
  const manifest = value as Manifest | null | undefined;
  return manifest?.run === run ? manifest : undefined;
}

/** Stores the manifest of a run that has none yet. Gives the one that the run has then: see `storeFirst`. */
export async function storeManifest(store: RunStore, manifest: Manifest): Promise<Manifest> {
  return await storeFirst(store, MANIFEST, manifest, (value) => manifestOf(value, manifest.run));
}

/**
 * Stores a file that the run does not have yet, and gives what it has then. AWS can freeze a function before it stores a file, and thaw it
 * when the next try has stored that file and others work by it.
 */
async function storeFirst<Value>(
  store: RunStore,
  name: string,
  value: Value,
  read: (there: unknown) => Value | undefined,
): Promise<Value> {
  let kept = value;
  await store.update(name, (there) => {
    kept = read(there) ?? value;
    return kept;
  });
  return kept;
}

/** @throws {RunFileError} if there is none: the run did not get to list its accounts. */
export async function readManifest(store: RunStore, run: string): Promise<Manifest> {
  const manifest = await findManifest(store, run);
  if (manifest !== undefined) return manifest;
  throw new RunFileError(
    `run ${run} has no manifest: its accounts were not listed, and nothing was evaluated or revoked`,
  );
}

/** A policy with what its allowlist asks of accounts: where they are in the organization. Reads the manifest only if a rule asks. */
export async function withAccountPaths<Policy extends Pick<ReadPolicy, 'allowlist'>>(
  policy: Policy,
  store: RunStore,
  run: string,
): Promise<Policy> {
  if (!policy.allowlist.asksForAccountPaths) return policy;
  const paths = accountPathsOf(await readManifest(store, run));
  return { ...policy, allowlist: policy.allowlist.withAccountPaths(paths) };
}

/** The results of the accounts of a manifest, of those that have one, and the accounts whose result cannot be read. */
export async function readResults(
  store: RunStore,
  manifest: Manifest,
): Promise<{ readonly results: readonly AccountResult[]; readonly unreadable: readonly AccountFailure[] }> {
  const { read, unreadable } = await readOfAccounts(store, accountsToJudge(manifest), RESULT, isAccountResult);
  const detail = 'what is stored of its evaluation is not what the evaluation stores';
  return { results: read, unreadable: unreadable.map((account) => ({ account, why: 'error', detail })) };
}

/**
 * What the step that revokes did, in the accounts that the run settled on: whatever the settings are by now. If what was settled is not
 * there, every account is looked at: it can be lost. What cannot be read counts as not there.
 */
export async function readActed(store: RunStore, manifest: Manifest): Promise<readonly ActResult[]> {
  const accounts = (await readSettledFile(store))?.toAct ?? accountsToJudge(manifest);
  return (await readOfAccounts(store, accounts, ACTED, isActResult)).read;
}

/** What is stored of the step that revokes in an account; `undefined` if that is nothing, or not what the step of this run stores. */
export function readActedIn(value: unknown, run: string, account: string): ActResult | undefined {
  return isActResult(value) && value.run === run && value.account === account ? value : undefined;
}

/** What a run that is closed came to; `undefined` as long as its report is not made. */
export async function readClosed(store: RunStore): Promise<RunSummary | undefined> {
  const closed = (await store.get(CLOSED)) as Partial<RunSummary> | null | undefined;
  return closed?.run === undefined ? undefined : (closed as RunSummary);
}

/** Closes a run before its report is made: a step that goes on after its execution was stopped would revoke what is not in it. */
export async function beginToClose(store: RunStore): Promise<void> {
  await store.update(CLOSED, (there) => there ?? {});
}

export async function writeClosed(store: RunStore, summary: RunSummary): Promise<void> {
  await store.put(CLOSED, summary);
}

/** @throws {RunFileError} if the run is closed: its report has nothing of what is done from then on. */
export async function refuseIfClosed(store: RunStore, run: string): Promise<void> {
  if ((await store.get(CLOSED)) === undefined) return;
  throw new RunFileError(`run ${run} is closed, and nothing more is done in it: start another audit`);
}

/**
 * @throws {RunFileError} if the run is settled or closed: what an account came to is read by then, and one that is stored later would
 * hide what was done meanwhile.
 */
export async function refuseIfSettled(store: RunStore, run: string): Promise<void> {
  await refuseIfClosed(store, run);
  if ((await readSettledFile(store)) === undefined) return;
  throw new RunFileError(`run ${run} is settled, and no account is evaluated in it any more`);
}

/** One file that is cut off must not keep the other accounts from being reported. */
async function readOfAccounts<Value extends { readonly account: string }>(
  store: RunStore,
  accounts: readonly { readonly account: string }[],
  nameOf: (account: string) => string,
  isSound: (value: unknown) => value is Value,
): Promise<{ readonly read: readonly Value[]; readonly unreadable: readonly string[] }> {
  const read: Value[] = [];
  const unreadable: string[] = [];
  const readOne = async ({ account }: { readonly account: string }): Promise<void> => {
    const value = await store.get(nameOf(account)).catch(nullIfUnreadable);
    if (isSound(value) && value.account === account) read.push(value);
    else if (value !== undefined) unreadable.push(account);
  };
  await pMap(accounts, readOne, { concurrency: READS_AT_ONCE });
  return { read, unreadable };
}

function nullIfUnreadable(error: unknown): null {
  if ((error as Error).cause instanceof UnreadableFileError) return null;
  throw error;
}

function isAccountResult(value: unknown): value is AccountResult {
  const { schemaVersion, regions, findings, notJudged, due } = (value ?? {}) as Partial<AccountResult>;
  return schemaVersion === RESULT_SCHEMA_VERSION && [regions, findings, notJudged, due].every(Array.isArray);
}

function isActResult(value: unknown): value is ActResult {
  const { schemaVersion, outcomes } = (value ?? {}) as Partial<ActResult>;
  return schemaVersion === RESULT_SCHEMA_VERSION && typeof outcomes === 'object' && outcomes !== null;
}

/**
 * Stores what may be revoked in each account, and the names of the caches of all of them, unless the run has them already: see `storeFirst`.
 * What is settled is stored last: with it, all is there.
 *
 * @returns what the run settled.
 */
export async function writeSettled(
  store: RunStore,
  { settlement, names }: SettledRun,
  failures: readonly AccountFailure[],
): Promise<Settled> {
  const written = names.map((one) => ({ ...one, names: [...one.names] }));
  await storeFirst(store, NAMES, written, (there) => (Array.isArray(there) ? (there as typeof written) : undefined));
  return await storeFirst<Settled>(store, SETTLED, { toAct: settlement.toAct, failures }, settledOf);
}

/** What was settled; `undefined` if the run did not come to that. */
export async function readSettledFile(store: RunStore): Promise<Settled | undefined> {
  return settledOf(await store.get(SETTLED));
}

function settledOf(value: unknown): Settled | undefined {
  const settled = value as Partial<Settled> | null | undefined;
  return Array.isArray(settled?.toAct) ? (settled as Settled) : undefined;
}

/**
 * What may be revoked in one account, and the names of the caches of all accounts.
 *
 * @throws {RunFileError} if nothing may be.
 */
export async function readSettled(
  store: RunStore,
  account: string,
): Promise<{ readonly due: readonly string[]; readonly namesOfRun: readonly PlaceNames[] }> {
  const [settled, names] = await Promise.all([readSettledFile(store), store.get(NAMES)]);
  const own = settled?.toAct.find((one) => one.account === account);
  if (own === undefined || names === undefined) {
    throw new RunFileError(`the run settled nothing that may be revoked in account ${account}`);
  }
  const written = names as (Omit<PlaceNames, 'names'> & { readonly names: readonly string[] })[];
  return { due: own.due, namesOfRun: written.map((one) => ({ ...one, names: new Set(one.names) })) };
}
