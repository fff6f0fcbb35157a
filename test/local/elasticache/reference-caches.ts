/** What is told of a cache that is there. */
export interface ReferenceCache {
  status: 'creating' | 'available' | 'modifying' | 'deleting';
  groups: readonly string[];
  readonly port: number;
  /** Until it is what it is about to be, in milliseconds. */
  left: number;
}

/** Done, or how the JavaScript SDK calls the error. */
export type Ended = 'done' | 'exists' | 'not found' | 'invalid state';

/** The caches of one kind in one region, told as plainly as can be: a list that is searched, and caches that count down. */
export class ReferenceCaches {
  readonly #creatingMs: number;
  readonly caches = new Map<string, ReferenceCache>();

  constructor(creatingMs: number) {
    this.#creatingMs = creatingMs;
  }

  pass(ms: number): void {
    for (const [name, cache] of this.caches) {
      cache.left -= ms;
      if (cache.left > 0) continue;
      if (cache.status === 'deleting') this.caches.delete(name);
      else cache.status = 'available';
    }
  }

  create(name: string, port: number, groups: readonly string[]): Ended {
    if (this.caches.has(name)) return 'exists';
    this.caches.set(name, { status: 'creating', groups, port, left: this.#creatingMs });
    this.pass(0);
    return 'done';
  }

  modify(name: string, groups: readonly string[]): Ended {
    return this.#change(name, (cache) => {
      cache.status = 'modifying';
      if (groups.length > 0) cache.groups = groups;
    });
  }

  delete(name: string): Ended {
    return this.#change(name, (cache) => {
      cache.status = 'deleting';
    });
  }

  #change(name: string, change: (cache: ReferenceCache) => void): Ended {
    const cache = this.caches.get(name);
    if (cache === undefined) return 'not found';
    if (cache.status !== 'available') return 'invalid state';
    change(cache);
    cache.left = this.#creatingMs;
    this.pass(0);
    return 'done';
  }
}
