import type { NamePattern } from './name-pattern.ts';

/**
 * Finds the items that may stand for a name without asking each: those filed under the name itself, and those whose patterns
 * begin or end as it does. It narrows and does not judge: it finds all items that cover the name, and perhaps some that do not.
 */
export class NameIndex<Item> {
  readonly #exact = new Map<string, Item[]>();
  /** By their literal beginning or their literal end, whichever is longer; both may be empty (`*`). */
  readonly #beginnings = new Anchors<Item>();
  readonly #ends = new Anchors<Item>();

  /** Files each item under all its names and patterns. */
  constructor(items: readonly Item[], namesOf: (item: Item) => readonly (string | NamePattern)[]) {
    for (const item of items) for (const name of namesOf(item)) this.#file(name, item);
  }

  /** The lists of items among which all are that cover the name, each in the order in which they were given. */
  find(name: string): readonly (readonly Item[])[] {
    const found: (readonly Item[])[] = [];
    const exact = this.#exact.get(name);
    if (exact !== undefined) found.push(exact);
    this.#beginnings.find(name, (length) => name.slice(0, length), found);
    this.#ends.find(name, (length) => name.slice(name.length - length), found);
    return found;
  }

  #file(name: string | NamePattern, item: Item): void {
    if (typeof name === 'string') {
      fileUnder(this.#exact, name, item);
      return;
    }
    const { beginning, end } = name.literalEnds();
    if (beginning.length >= end.length) this.#beginnings.file(beginning, item);
    else this.#ends.file(end, item);
  }
}

/** Items by what their patterns begin, or end, with. */
class Anchors<Item> {
  readonly #items = new Map<string, Item[]>();
  readonly #lengths = new Set<number>();

  file(anchor: string, item: Item): void {
    this.#lengths.add(anchor.length);
    fileUnder(this.#items, anchor, item);
  }

  find(name: string, cut: (length: number) => string, found: (readonly Item[])[]): void {
    for (const length of this.#lengths) {
      const items = length <= name.length ? this.#items.get(cut(length)) : undefined;
      if (items !== undefined) found.push(items);
    }
  }
}

/** An item that names one thing twice, or has two patterns that begin alike, is filed there once. */
function fileUnder<Item>(map: Map<string, Item[]>, key: string, item: Item): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [item]);
  else if (known.at(-1) !== item) known.push(item);
}
