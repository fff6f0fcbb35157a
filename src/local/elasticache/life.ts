import { ApiError } from '../api-error.ts';
import type { Clock } from '../clock.ts';

/** What is being done with a cache, and since when, in milliseconds since the epoch. */
export interface Life {
  readonly doing: 'creating' | 'modifying' | 'deleting';
  readonly since: number;
}

export type CacheStatus = Life['doing'] | 'available';

/** One cache of any kind. */
export interface Living {
  /** In lower case. No other of its kind in the region has it. */
  readonly name: string;
  readonly life: Life;
}

/** What a kind of cache is called, and the codes of its errors on the wire. */
export interface Kind {
  readonly title: string;
  readonly alreadyExists: string;
  readonly notFound: string;
  readonly invalidState: string;
}

/**
 * The caches of one kind in one region. A cache goes creating → available → modifying → available → deleting → gone; what
 * it is follows from when that was asked for and what the clock says, so that no timer runs. How long each takes is the
 * local AWS's own setting.
 */
export class Lives<Cache extends Living> {
  readonly #kind: Kind;
  readonly #clock: Clock;
  readonly #creatingMs: number;
  readonly #caches = new Map<string, Cache>();

  constructor(kind: Kind, creatingMs: number, clock: Clock) {
    this.#kind = kind;
    this.#creatingMs = creatingMs;
    this.#clock = clock;
  }

  /** The life of a cache with which this is being done from now on. */
  begin(doing: Life['doing']): Life {
    return { doing, since: this.#clock.now() };
  }

  /** @throws {ApiError} that it already exists, also while it is still being deleted: inferred. */
  mustBeFree(name: string): void {
    this.#bury();
    const { title, alreadyExists } = this.#kind;
    if (this.#caches.has(name)) throw new ApiError(alreadyExists, `${title} ${name} already exists.`);
  }

  /** Adds a cache, or puts it in the place of the one of its name. */
  put(cache: Cache): Cache {
    this.#caches.set(cache.name, cache);
    return cache;
  }

  /** @throws {ApiError} that there is none. */
  get(name: string): Cache {
    this.#bury();
    const cache = this.#caches.get(name);
    const { title, notFound } = this.#kind;
    if (cache === undefined) throw new ApiError(notFound, `${title} ${name} not found.`, 404);
    return cache;
  }

  /** @throws {ApiError} that there is none, or that it is not available: what is in between cannot be changed. */
  getAvailable(name: string): Cache {
    const cache = this.get(name);
    const status = this.statusOf(cache);
    if (status !== 'available') throw this.invalidState(name, `it is ${status}, and not available`);
    return cache;
  }

  invalidState(name: string, why: string): ApiError {
    const { title, invalidState } = this.#kind;
    return new ApiError(invalidState, `${title} ${name} cannot be changed: ${why}.`);
  }

  /** In order of their names. */
  all(): Cache[] {
    this.#bury();
    return [...this.#caches.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  statusOf({ life }: Cache): CacheStatus {
    return this.#isOver(life) ? 'available' : life.doing;
  }

  #bury(): void {
    for (const { name, life } of this.#caches.values()) {
      if (life.doing === 'deleting' && this.#isOver(life)) this.#caches.delete(name);
    }
  }

  #isOver({ since }: Life): boolean {
    return this.#clock.now() - since >= this.#creatingMs;
  }
}
