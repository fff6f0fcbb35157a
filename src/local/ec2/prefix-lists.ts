import { ApiError } from '../api-error.ts';
import type { Clock } from '../clock.ts';
import { shown } from '../shown.ts';
import type { NewId } from './resource-ids.ts';

export type AddressFamily = 'IPv4' | 'IPv6';

export interface PrefixListEntry {
  /** Without host bits. */
  readonly cidr: string;
  readonly description?: string;
}

/** What a prefix list is made of. */
export interface NewPrefixList {
  readonly prefixListName: string;
  readonly addressFamily: AddressFamily;
  readonly maxEntries: number;
  readonly entries: readonly PrefixListEntry[];
}

/** What a call changes of a prefix list. */
export interface PrefixListChange {
  /** The version that the caller takes for the current one; undefined if the caller does not say. */
  readonly currentVersion: number | undefined;
  readonly prefixListName: string | undefined;
  readonly maxEntries: number | undefined;
  readonly add: readonly PrefixListEntry[];
  /** CIDR blocks, without host bits. */
  readonly remove: readonly string[];
}

interface PrefixList extends Pick<NewPrefixList, 'prefixListName' | 'addressFamily'> {
  readonly prefixListId: string;
  /** 12 digits, or `AWS`. */
  readonly ownerId: string;
  /** AWS's own have none. */
  readonly maxEntries: number | undefined;
  /** The entries of each version, from version 1 on. */
  readonly versions: readonly (readonly PrefixListEntry[])[];
  readonly change: {
    readonly doing: 'create' | 'modify' | 'restore' | 'delete';
    /** In milliseconds since the epoch. */
    readonly since: number;
    /** Whether the last version holds only when the change is complete. */
    readonly addsVersion?: boolean;
    /** Why it will fail. */
    readonly failure?: string;
  };
}

/** A prefix list as the API shows it. */
export interface ShownPrefixList {
  readonly prefixListId: string;
  readonly addressFamily: AddressFamily;
  readonly state: string;
  readonly stateMessage: string | undefined;
  readonly prefixListArn: string;
  readonly prefixListName: string;
  readonly maxEntries: number | undefined;
  readonly version: number | undefined;
  readonly tagSet: readonly [];
  readonly ownerId: string;
}

/** Whose prefix lists they are, and how they change. */
export interface PrefixListSettings {
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
  /** How long a prefix list is `…-in-progress`, in milliseconds. */
  readonly transitionMs: number;
}

/** Some of the entries that AWS keeps for its services; they are in its ip-ranges.json. */
const OF_AWS = { s3: ['52.216.0.0/15', '54.231.0.0/16'], dynamodb: ['52.94.0.0/22'] } as const;

/**
 * The managed prefix lists that one account sees in one region: its own, AWS's, and those that other accounts share with it.
 * What a list is follows from when a change began and what the clock says, so that no timer runs. A new version holds when
 * its change is complete: AWS's samples answer a Modify with the version before.
 */
export class PrefixLists {
  readonly #settings: PrefixListSettings;
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #lists = new Map<string, PrefixList>();
  /** The ids of the lists by the token of the call that made them. */
  readonly #idByToken = new Map<string, string>();

  constructor(settings: PrefixListSettings, clock: Clock, newId: NewId) {
    this.#settings = settings;
    this.#clock = clock;
    this.#newId = newId;
    for (const [service, cidrs] of Object.entries(OF_AWS)) {
      this.#put({
        // AWS's own ids are short.
        prefixListId: newId('pl').slice(0, 'pl-'.length + 8),
        prefixListName: `com.amazonaws.${settings.region}.${service}`,
        addressFamily: 'IPv4',
        ownerId: 'AWS',
        maxEntries: undefined,
        versions: [cidrs.map((cidr) => ({ cidr }))],
        change: { doing: 'create', since: Number.NEGATIVE_INFINITY },
      });
    }
  }

  /** Makes a prefix list, or shows the one that a call with the same token made. */
  create(wanted: NewPrefixList, clientToken: string | undefined): ShownPrefixList {
    this.#bury();
    const made = this.#lists.get(this.#idByToken.get(clientToken ?? '') ?? '');
    if (made !== undefined) return this.#show(made);
    const prefixListId = this.#newId('pl');
    if (clientToken !== undefined) this.#idByToken.set(clientToken, prefixListId);
    const { accountId: ownerId } = this.#settings;
    return this.#put({ ...toKept(wanted), prefixListId, ownerId, change: this.#begin('create') });
  }

  /** Puts a prefix list there that another account shares with this one. No call of the API does so here. */
  share(list: NewPrefixList & { readonly prefixListId: string; readonly ownerId: string }): void {
    const { prefixListId, ownerId } = list;
    const change = { doing: 'create', since: Number.NEGATIVE_INFINITY } as const;
    this.#put({ ...toKept(list), prefixListId, ownerId, change });
  }

  list(): ShownPrefixList[] {
    this.#bury();
    return [...this.#lists.values()].map((list) => this.#show(list));
  }

  /** @throws {ApiError} InvalidPrefixListID.NotFound */
  get(prefixListId: string): ShownPrefixList {
    return this.#show(this.#find(prefixListId));
  }

  /**
   * The entries of a version, of the current one if none is given, and which version that is.
   *
   * @throws {ApiError} InvalidPrefixListID.NotFound, or InvalidParameterValue for a version that is not there.
   */
  entriesOf(prefixListId: string, targetVersion?: number) {
    const list = this.#find(prefixListId);
    const version = targetVersion ?? this.#currentVersion(list);
    return { version, entries: this.#entriesOf(list, version) };
  }

  /** For how many rules a rule counts that names a prefix list. Documented; AWS's two lists here count as one. */
  weightOf(prefixListId: string): number {
    return this.#lists.get(prefixListId)?.maxEntries ?? 1;
  }

  /**
   * Changes name, size or entries. Removals come before additions.
   *
   * @throws {ApiError} InvalidPrefixListID.NotFound, UnsupportedOperation, IncorrectState, PrefixListVersionMismatch,
   * InvalidPrefixListModification, PrefixListMaxEntriesExceeded, InvalidParameterCombination or InvalidParameterValue.
   */
  modify(prefixListId: string, change: PrefixListChange): ShownPrefixList {
    const { prefixListName, maxEntries, add, remove, currentVersion } = change;
    const list = this.#findChangeable(prefixListId);
    const addsVersion = add.length + remove.length > 0;
    if (addsVersion && maxEntries !== undefined) {
      // Seen in public reports.
      const message = 'You cannot modify the entries and the maximum entries for the prefix list in the same request.';
      throw new ApiError('InvalidParameterCombination', message);
    }
    if (currentVersion !== undefined) this.#mustBeCurrent(list, currentVersion);
    const before = this.#entriesOf(list, this.#currentVersion(list));
    const entries = changedEntries(before, add, remove);
    const size = maxEntries ?? (list.maxEntries as number);
    if (entries.length > size) {
      // The code is read by deployed programs; the words are inferred.
      const message = `The prefix list (${prefixListId}) would have more than ${size} entries.`;
      throw new ApiError('PrefixListMaxEntriesExceeded', message);
    }
    return this.#put({
      ...list,
      prefixListName: prefixListName ?? list.prefixListName,
      maxEntries: size,
      versions: addsVersion ? [...list.versions, entries] : list.versions,
      change: { ...this.#begin('modify'), addsVersion },
    });
  }

  /**
   * Makes a version of before the next one.
   *
   * @throws {ApiError} InvalidPrefixListID.NotFound, UnsupportedOperation, IncorrectState, PrefixListVersionMismatch, or
   * InvalidParameterValue for a version that is not there.
   */
  restore(prefixListId: string, previousVersion: number, currentVersion: number): ShownPrefixList {
    const list = this.#findChangeable(prefixListId);
    this.#mustBeCurrent(list, currentVersion);
    const versions = [...list.versions, this.#entriesOf(list, previousVersion)];
    return this.#put({ ...list, versions, change: { ...this.#begin('restore'), addsVersion: true } });
  }

  /**
   * Deletes a prefix list. One that something refers to stays: seen in a public report is `delete-failed`.
   *
   * @param references the ids of what refers to it.
   * @throws {ApiError} InvalidPrefixListID.NotFound, UnsupportedOperation or IncorrectState.
   */
  delete(prefixListId: string, references: readonly string[]): ShownPrefixList {
    const list = this.#findChangeable(prefixListId);
    const failure = `The prefix list is referenced by ${references.slice(0, 10).join(', ')}.`;
    return this.#put({ ...list, change: { ...this.#begin('delete'), ...(references.length > 0 && { failure }) } });
  }

  #begin(doing: PrefixList['change']['doing']): PrefixList['change'] {
    return { doing, since: this.#clock.now() };
  }

  /** Keeps a list. The call that changed it is answered with what is in between, however short that is. */
  #put(list: PrefixList): ShownPrefixList {
    this.#lists.set(list.prefixListId, list);
    return this.#show(list, true);
  }

  #find(prefixListId: string): PrefixList {
    this.#bury();
    const list = this.#lists.get(prefixListId);
    if (list === undefined) {
      // Seen in public reports.
      const message = `The prefix list ID '${shown(prefixListId)}' does not exist`;
      throw new ApiError('InvalidPrefixListID.NotFound', message);
    }
    return list;
  }

  #findChangeable(prefixListId: string): PrefixList {
    const list = this.#find(prefixListId);
    if (list.ownerId !== this.#settings.accountId) {
      const message = `The prefix list (${prefixListId}) is owned by ${list.ownerId}: no other account can change it.`;
      throw new ApiError('UnsupportedOperation', message);
    }
    if (this.#isInProgress(list)) {
      // Seen in public reports.
      const state = `${list.change.doing}-in-progress`;
      const message = `The request cannot be completed while the prefix list (${prefixListId}) is in the current state (${state})`;
      throw new ApiError('IncorrectState', message);
    }
    return list;
  }

  #mustBeCurrent(list: PrefixList, version: number): void {
    // The words of both are seen in public reports.
    if (version < 1) {
      const message = 'The specified value for version is not valid. The value must be greater than (1).';
      throw new ApiError('InvalidParameterValue', message);
    }
    if (version !== this.#currentVersion(list)) {
      throw new ApiError('PrefixListVersionMismatch', 'The prefix list has the incorrect version number.');
    }
  }

  #currentVersion(list: PrefixList): number {
    const { versions, change } = list;
    return change.addsVersion && this.#isInProgress(list) ? versions.length - 1 : versions.length;
  }

  #entriesOf(list: PrefixList, version: number): readonly PrefixListEntry[] {
    const entries = version > this.#currentVersion(list) ? undefined : list.versions[version - 1];
    if (entries === undefined) {
      const message = `The prefix list (${list.prefixListId}) has no version ${version}.`;
      throw new ApiError('InvalidParameterValue', message);
    }
    return entries;
  }

  #isInProgress({ change }: PrefixList): boolean {
    return this.#clock.now() - change.since < this.#settings.transitionMs;
  }

  #bury(): void {
    for (const list of this.#lists.values()) {
      const { doing, failure } = list.change;
      if (doing === 'delete' && failure === undefined && !this.#isInProgress(list)) {
        this.#lists.delete(list.prefixListId);
      }
    }
  }

  #show(list: PrefixList, isInProgress = this.#isInProgress(list)): ShownPrefixList {
    const { prefixListId, addressFamily, prefixListName, maxEntries, ownerId, change, versions } = list;
    const isOfAws = ownerId === 'AWS';
    const failure = isInProgress ? undefined : change.failure;
    const end = isInProgress ? 'in-progress' : failure === undefined ? 'complete' : 'failed';
    return {
      prefixListId,
      addressFamily,
      state: `${change.doing}-${end}`,
      stateMessage: failure,
      prefixListArn: `arn:aws:ec2:${this.#settings.region}:${isOfAws ? 'aws' : ownerId}:prefix-list/${prefixListId}`,
      prefixListName,
      maxEntries,
      version: isOfAws ? undefined : versions.length - (change.addsVersion && isInProgress ? 1 : 0),
      tagSet: [],
      ownerId,
    };
  }
}

function toKept({ prefixListName, addressFamily, maxEntries, entries }: NewPrefixList) {
  return { prefixListName, addressFamily, maxEntries, versions: [entries] };
}

/** The words about an entry that is there are seen in a public report; of those about the other, the end is. */
function changedEntries(
  before: readonly PrefixListEntry[],
  add: readonly PrefixListEntry[],
  remove: readonly string[],
): PrefixListEntry[] {
  const entries = new Map(before.map((entry) => [entry.cidr, entry]));
  const refused = (message: string) => new ApiError('InvalidPrefixListModification', message);
  for (const cidr of remove) {
    if (!entries.delete(cidr)) throw refused(`The entry with the CIDR (${cidr}) does not exist.`);
  }
  for (const entry of add) {
    const same = entries.get(entry.cidr);
    if (same !== undefined && same.description === entry.description) {
      const { cidr, description = '' } = entry;
      throw refused(`An entry with the CIDR (${cidr}) and description (${description}) already exists.`);
    }
    entries.set(entry.cidr, entry);
  }
  return [...entries.values()];
}
