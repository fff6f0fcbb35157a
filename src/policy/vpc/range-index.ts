import type { Cidr } from './cidr.ts';

/** How many ranges are taken on each side of one that no range holds. */
const NEIGHBOURS = 8;

/** Finds the items that name a range of addresses by what their ranges have to do with it, without asking each. */
export class RangeIndex<Item> {
  /** By family and length, and then by the bits that are fixed. */
  readonly #byPrefix = new Map<string, Item[]>();
  readonly #lengths: readonly [ReadonlySet<number>, ReadonlySet<number>];
  /** In the order of their addresses, so that ranges that begin alike are neighbours. IPv4 comes first. */
  readonly #sorted: readonly { readonly key: string; readonly item: Item }[];

  /** Files each item under all its ranges. */
  constructor(items: readonly Item[], rangesOf: (item: Item) => readonly Cidr[]) {
    const lengths: [Set<number>, Set<number>] = [new Set(), new Set()];
    const entries: { key: string; item: Item }[] = [];
    for (const item of items) {
      for (const range of rangesOf(item)) {
        const prefix = prefixOf(range, range.length);
        const known = this.#byPrefix.get(prefix);
        if (known === undefined) this.#byPrefix.set(prefix, [item]);
        else if (known.at(-1) !== item) known.push(item);
        lengths[familyOf(range)].add(range.length);
        entries.push({ key: sortKeyOf(range), item });
      }
    }
    this.#lengths = lengths;
    this.#sorted = entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  /** The items of which a range holds all of this one, in lists that keep the order in which they were given. */
  holding(range: Cidr): readonly (readonly Item[])[] {
    const found: (readonly Item[])[] = [];
    for (const length of this.#lengths[familyOf(range)]) {
      const items = length <= range.length ? this.#byPrefix.get(prefixOf(range, length)) : undefined;
      if (items !== undefined) found.push(items);
    }
    return found;
  }

  /** Some items with a range that has the most of its first bits in common with this one. */
  near(range: Cidr): readonly (readonly Item[])[] {
    const at = this.#placeOf(sortKeyOf(range));
    return [this.#sorted.slice(Math.max(0, at - NEIGHBOURS), at + NEIGHBOURS).map(({ item }) => item)];
  }

  /** Where a key is, or would be. */
  #placeOf(key: string): number {
    let [from, to] = [0, this.#sorted.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#sorted[middle]?.key ?? '') < key) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function familyOf({ bytes }: Cidr): 0 | 1 {
  return bytes.length === 4 ? 0 : 1;
}

/** Its family and address, as a text that sorts as addresses do. */
function sortKeyOf(range: Cidr): string {
  return String.fromCharCode(familyOf(range), ...range.bytes);
}

/** Its family, a length and so many of its first bits, as a text. */
function prefixOf(range: Cidr, length: number): string {
  const whole = length >> 3;
  const rest = length & 7;
  const bytes = range.bytes.slice(0, whole);
  // The bits beyond the length are cleared, as they are in a range of that length.
  if (rest > 0) bytes.push((range.bytes[whole] as number) & (0xff00 >> rest));
  return String.fromCharCode(familyOf(range), length, ...bytes);
}
