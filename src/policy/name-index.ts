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
  private readonly exact = new Map<string, Item[]>();
  private readonly wildcards = new Map<string, Entry<Item>>();
  private readonly byBeginning = new Anchors<Item>(false);
  private readonly byEnd = new Anchors<Item>(true);
  private readonly others: Entry<Item>[] = [];

  /** Files an item under a name or a pattern. The items of one pattern keep the order in which they were added. */
  add(pattern: string | NamePattern, item: Item): void {
    const filed = typeof pattern === 'string' ? this.exact.get(pattern) : this.wildcards.get(pattern.text)?.items;
    if (filed !== undefined) {
      // A rule may name one group twice.
      if (filed.at(-1) !== item) filed.push(item);
    } else if (typeof pattern === 'string') this.exact.set(pattern, [item]);
    else this.addWildcard({ pattern, items: [item] });
  }

  private addWildcard(entry: Entry<Item>): void {
    const { text, prefix, suffix } = entry.pattern;
    this.wildcards.set(text, entry);
    if (prefix === '' && suffix === '') this.others.push(entry);
    else if (prefix.length >= suffix.length) this.byBeginning.add(prefix, entry);
    else this.byEnd.add(suffix, entry);
  }

  /** The items of every pattern that matches the name: a list a pattern. */
  find(name: string): Item[][] {
    const found: Item[][] = [];
    const exact = this.exact.get(name);
    if (exact !== undefined) found.push(exact);
    this.byBeginning.collect(name, found);
    this.byEnd.collect(name, found);
    for (const { pattern, items } of this.others) if (pattern.matches(name)) found.push(items);
    return found;
  }
}

/** Wildcard patterns by the hash of their literal beginning (or end: then characters are taken from the end). */
class Anchors<Item> {
  private readonly fromEnd: boolean;
  private readonly byHash = new Map<number, Entry<Item>[]>();
  /** At which lengths there is a beginning at all: 1 at 4 for `web-`. */
  private readonly lengths = new Uint8Array(LONGEST_ANCHOR + 1);
  private longest = 0;
  /** A bit for every hash that is there, so that most looks end here, in the processor's cache. */
  private readonly seen = new Uint8Array((SEEN_MASK + 1) >> 3);

  constructor(fromEnd: boolean) {
    this.fromEnd = fromEnd;
  }

  add(literal: string, entry: Entry<Item>): void {
    const length = Math.min(literal.length, LONGEST_ANCHOR);
    let hash = 0;
    for (let i = 0; i < length; i++) hash = step(hash, literal.charCodeAt(this.fromEnd ? literal.length - 1 - i : i));
    const entries = this.byHash.get(hash);
    if (entries === undefined) this.byHash.set(hash, [entry]);
    else entries.push(entry);
    this.lengths[length] = 1;
    this.longest = Math.max(this.longest, length);
    const bit = hash & SEEN_MASK;
    this.seen[bit >> 3] = (this.seen[bit >> 3] as number) | (1 << (bit & 7));
  }

  collect(name: string, found: Item[][]): void {
    const { lengths, seen } = this;
    const longest = Math.min(name.length, this.longest);
    let hash = 0;
    for (let i = 0; i < longest; i++) {
      hash = step(hash, name.charCodeAt(this.fromEnd ? name.length - 1 - i : i));
      if (lengths[i + 1] === 0) continue;
      const bit = hash & SEEN_MASK;
      if (((seen[bit >> 3] as number) & (1 << (bit & 7))) === 0) continue;
      const entries = this.byHash.get(hash);
      if (entries === undefined) continue;
      for (const { pattern, items } of entries) if (pattern.matches(name)) found.push(items);
    }
  }
}

/** Names are at most 255 characters long; a pattern that begins with more matches nothing. */
const LONGEST_ANCHOR = 255;
/** 2^19 bits: 64 KB, sparse up to some 100,000 patterns. */
const SEEN_MASK = (1 << 19) - 1;

/** One step of a running hash (FNV-1a, kept to the 30 bits that V8 stores without allocating). */
function step(hash: number, character: number): number {
  const product = Math.imul(hash ^ character ^ 0x5bd1e995, 0x01000193);
  return (product ^ (product >>> 15)) & 0x3fffffff;
}
