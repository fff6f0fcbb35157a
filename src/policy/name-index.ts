import type { NamePattern } from './name-pattern.ts';

/** A wildcard pattern, and everything filed under it. */
interface Entry<Item> {
  readonly pattern: NamePattern;
  readonly items: Item[];
}

/**
 * Finds what is filed under the patterns that match a name, without trying every pattern. Exact names are looked up.
 * A wildcard pattern is filed under its literal beginning or its literal end, whichever is longer, by a running hash:
 * one pass over the name from each side meets every pattern that can match. Two beginnings with one hash cost a
 * needless try, never a wrong answer. Patterns with neither (`*`, `*-prod-*`) are tried one by one.
 */
export class NameIndex<Item> {
  readonly #exact = new Map<string, Item[]>();
  readonly #wildcards = new Map<string, Entry<Item>>();
  readonly #byBeginning = new Anchors<Item>((name, i) => name.charCodeAt(i));
  readonly #byEnd = new Anchors<Item>((name, i) => name.charCodeAt(name.length - 1 - i));
  readonly #others: Entry<Item>[] = [];

  /** Files an item under a pattern. The items of one pattern keep the order in which they were added. */
  add(pattern: NamePattern, item: Item): void {
    const filed =
      pattern.exact === undefined ? this.#wildcards.get(pattern.text)?.items : this.#exact.get(pattern.exact);
    if (filed !== undefined) filed.push(item);
    else if (pattern.exact !== undefined) this.#exact.set(pattern.exact, [item]);
    else this.#addWildcard({ pattern, items: [item] });
  }

  #addWildcard(entry: Entry<Item>): void {
    const { text, prefix, suffix } = entry.pattern;
    this.#wildcards.set(text, entry);
    if (prefix === '' && suffix === '') this.#others.push(entry);
    else if (prefix.length >= suffix.length) this.#byBeginning.add(prefix, entry);
    else this.#byEnd.add(suffix, entry);
  }

  /** The items of every pattern that matches the name: a list a pattern. */
  find(name: string): Item[][] {
    const found: Item[][] = [];
    const exact = this.#exact.get(name);
    if (exact !== undefined) found.push(exact);
    this.#byBeginning.collect(name, found);
    this.#byEnd.collect(name, found);
    for (const { pattern, items } of this.#others) if (pattern.matches(name)) found.push(items);
    return found;
  }
}

/** Wildcard patterns by the hash of their literal beginning (or end: then characters are taken from the end). */
class Anchors<Item> {
  readonly #characterAt: (name: string, i: number) => number;
  readonly #byHash = new Map<number, Entry<Item>[]>();
  /** At which lengths there is a beginning at all: `true` at 4 for `web-`. */
  readonly #lengths: boolean[] = [];

  constructor(characterAt: (name: string, i: number) => number) {
    this.#characterAt = characterAt;
  }

  add(anchor: string, entry: Entry<Item>): void {
    let hash = 0;
    for (let i = 0; i < anchor.length; i++) hash = step(hash, this.#characterAt(anchor, i));
    const entries = this.#byHash.get(hash);
    if (entries === undefined) this.#byHash.set(hash, [entry]);
    else entries.push(entry);
    while (this.#lengths.length <= anchor.length) this.#lengths.push(false);
    this.#lengths[anchor.length] = true;
  }

  collect(name: string, found: Item[][]): void {
    let hash = 0;
    const longest = Math.min(name.length, this.#lengths.length - 1);
    for (let i = 0; i < longest; i++) {
      hash = step(hash, this.#characterAt(name, i));
      if (!this.#lengths[i + 1]) continue;
      const entries = this.#byHash.get(hash);
      if (entries === undefined) continue;
      for (const { pattern, items } of entries) if (pattern.matches(name)) found.push(items);
    }
  }
}

/** One step of a running hash (FNV-1a, kept to the 31 bits that V8 stores without allocating). */
function step(hash: number, character: number): number {
  return Math.imul(hash ^ character ^ 0x5bd1e995, 0x01000193) & 0x3fffffff;
}
