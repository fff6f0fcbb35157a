import type { NamePattern } from './name-pattern.ts';

/** A place in the index, where rules are that share a name, or what their patterns begin or end with. */
export type Place = number;

/**
 * Finds the rules that may cover a name, without asking every rule. It narrows and does not judge: it finds all rules that
 * cover the name, and perhaps some that do not.
 *
 * A name is filed under its hash; a pattern under the hash of its literal beginning or its literal end, whichever is
 * longer, which may be nothing at all (`*`, `*-prod-*`). The hashes run along a name, so that one pass over it from each
 * side meets every place where a rule can be. All is numbers in a few flat arrays: with 100,000 rules, what judging costs
 * is mostly the way through memory.
 */
export class RuleIndex<Rule> {
  /** A hash table with open addressing. At each place are WIDTH numbers: hash, size, first rule, link to the next. */
  private readonly places: Int32Array;
  /** The other rules of a place, two numbers each: rule, link to the next. */
  private readonly links: Int32Array;
  /** A bit for each hash that is there. Most looks end here, in the processor's cache. */
  private readonly seen: Int32Array;
  /** At which lengths there is a BEGINNING or an END. */
  private readonly lengths = new Uint8Array(LONGEST_ANCHOR + 1);
  private linked = 0;
  private readonly rules: readonly Rule[];

  /** Files each rule under all its names and patterns: those at the same place in the other list. */
  constructor(rules: readonly Rule[], names: readonly (readonly (string | NamePattern)[])[]) {
    this.rules = rules;
    const count = names.reduce((sum, list) => sum + list.length, 0);
    const capacity = 2 ** Math.ceil(Math.log2(2 * count + 1));
    this.places = new Int32Array(capacity * WIDTH);
    this.links = new Int32Array(count * 2);
    this.seen = new Int32Array(Math.ceil((capacity * 8) / 32));
    // From the last to the first, because each goes before those that are there.
    for (let rule = names.length - 1; rule >= 0; rule--) {
      for (const name of names[rule] ?? []) this.file(this.hashOf(name), rule);
    }
  }

  /** Adds the places of all rules that may cover the name to a list. */
  find(name: string, found: Place[]): void {
    const { lengths } = this;
    const { length } = name;
    let hash = FROM_START;
    if (lengths[0] !== 0) this.look(hash, found);
    for (let i = 0; i < length; ) {
      hash = step(hash, name.charCodeAt(i++));
      if (((lengths[i] as number) & BEGINNING) !== 0) this.look(hash, found);
    }
    this.look(step(hash, WHOLE), found);
    hash = FROM_END;
    for (let i = 0; i < length; ) {
      hash = step(hash, name.charCodeAt(length - ++i));
      if (((lengths[i] as number) & END) !== 0) this.look(hash, found);
    }
  }

  /** All rules that may cover the name. One that several of its patterns lead to is there several times. */
  rulesFor(name: string): Rule[] {
    const places: Place[] = [];
    this.find(name, places);
    const rules: Rule[] = [];
    for (const place of places) this.collect(place, rules);
    return rules;
  }

  /** How many rules are at a place. */
  sizeAt(place: Place): number {
    return this.places[place + SIZE] as number;
  }

  /** Shows the rules at a place, in the order in which they were given, for as long as more are asked for. */
  visit(place: Place, wantsMore: (rule: Rule) => boolean): void {
    const { places, links, rules } = this;
    let rule = places[place + RULE] as number;
    let link = places[place + NEXT] as number;
    for (let left = this.sizeAt(place); left > 0; left--) {
      if (!wantsMore(rules[rule] as Rule) || left === 1) return;
      rule = links[link] as number;
      link = links[link + 1] as number;
    }
  }

  /** Adds the rules at a place to a list, in the order in which they were given. */
  collect(place: Place, found: Rule[]): void {
    this.visit(place, (rule) => {
      found.push(rule);
      return true;
    });
  }

  private look(hash: number, found: Place[]): void {
    const { seen } = this;
    if (((seen[(hash >>> 5) & (seen.length - 1)] as number) & (1 << (hash & 31))) === 0) return;
    const place = this.placeOf(hash);
    if (this.sizeAt(place) > 0) found.push(place);
  }

  /** The place of a hash, or the empty one where it would be. */
  private placeOf(hash: number): Place {
    const { places } = this;
    const mask = places.length - 1;
    let place = (hash * WIDTH) & mask;
    while (places[place + SIZE] !== 0 && places[place + HASH] !== hash) place = (place + WIDTH) & mask;
    return place;
  }

  private file(hash: number, rule: number): void {
    const { places, links, seen } = this;
    const place = this.placeOf(hash);
    const size = this.sizeAt(place);
    if (size === 0) {
      const word = (hash >>> 5) & (seen.length - 1);
      seen[word] = (seen[word] as number) | (1 << (hash & 31));
      places[place + HASH] = hash;
    } else {
      // A rule may name one group twice, and two of its patterns may begin alike.
      if (places[place + RULE] === rule) return;
      links[this.linked] = places[place + RULE] as number;
      links[this.linked + 1] = places[place + NEXT] as number;
      places[place + NEXT] = this.linked;
      this.linked += 2;
    }
    places[place + RULE] = rule;
    places[place + SIZE] = size + 1;
  }

  /** The hash that a name or a pattern is filed under. */
  private hashOf(name: string | NamePattern): number {
    if (typeof name === 'string')
      return step(
        hashOfSigns(FROM_START, name.length, (i) => name.charCodeAt(i)),
        WHOLE,
      );
    const signs = name.signs();
    const beginning = signs.findIndex((sign) => sign < 0);
    const end = signs.length - 1 - signs.findLastIndex((sign) => sign < 0);
    const side = beginning >= end ? BEGINNING : END;
    const length = Math.min(Math.max(beginning, end), LONGEST_ANCHOR);
    this.lengths[length] = (this.lengths[length] as number) | side;
    return side === BEGINNING
      ? hashOfSigns(FROM_START, length, (i) => signs[i] as number)
      : hashOfSigns(FROM_END, length, (i) => signs[signs.length - 1 - i] as number);
  }
}

const WIDTH = 4;
const [HASH, SIZE, RULE, NEXT] = [0, 1, 2, 3] as const;
const [BEGINNING, END] = [1, 2] as const;
/** Names are at most 255 characters long; a pattern that begins with more matches nothing. */
const LONGEST_ANCHOR = 255;
/** Where the hashes of beginnings and of ends start, and what comes after the last character of a whole name. */
const [FROM_START, FROM_END, WHOLE] = [0x2f0b4c47, 0x1a8e93d5, 0x10000];

function hashOfSigns(start: number, length: number, sign: (i: number) => number): number {
  let hash = start;
  for (let i = 0; i < length; i++) hash = step(hash, sign(i));
  return hash;
}

/** One step of a running hash (FNV-1a, kept to the 30 bits that V8 stores without allocating). */
function step(hash: number, character: number): number {
  const product = Math.imul(hash ^ character, 0x01000193);
  return (product ^ (product >>> 15)) & 0x3fffffff;
}
