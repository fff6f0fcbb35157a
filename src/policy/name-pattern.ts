/** Stands for `?` among the signs of a pattern; no character has this code. */
export const ANY_ONE = -1;
/** Stands for `*`. */
export const ANY_RUN = -2;

const ANY_LETTER = 'x'.charCodeAt(0);

const SPECIAL = /[*?\\]/;
const STAR = '*'.charCodeAt(0);
const QUESTION_MARK = '?'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
/** Stands for the end of a pattern; no character has this code. */
const END = -3;

/**
 * Reads a name or a pattern of names: `*` stands for any run of characters (also none), `?` for exactly one, `\` takes
 * the next character as it is. Nothing else is special: `[`, `{`, `!` and `*` are legal in the name of an EC2 security
 * group, which is why no glob library fits here.
 *
 * @returns the name itself if there is no wildcard in it.
 * @throws {SyntaxError} if it ends in a lone backslash.
 */
export function parseNamePattern(text: string): string | NamePattern {
  if (!SPECIAL.test(text)) return text;
  const signs = readSigns(text);
  return signs.some((sign) => sign < 0) ? new NamePattern(text) : String.fromCharCode(...signs);
}

/** A pattern with at least one wildcard. It keeps no more than its text: judging reads it straight from there. */
export class NamePattern {
  /** As it was written. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The pattern sign by sign: codes of characters, ANY_ONE, ANY_RUN. */
  signs(): number[] {
    return readSigns(this.text);
  }

  /** A name that it matches. */
  example(): string {
    return String.fromCharCode(
      ...this.signs().flatMap((sign) => (sign === ANY_RUN ? [] : sign === ANY_ONE ? ANY_LETTER : sign)),
    );
  }

  /** Whether the pattern stands for this name. */
  matches(name: string): boolean {
    return matchesBetween(this.text, 0, this.text.length, name);
  }
}

/** Several names and patterns as one text: each follows its length. */
export function packNames(names: readonly (string | NamePattern)[]): string {
  let packed = '';
  for (const name of names) {
    const pattern = typeof name === 'string' ? escapeName(name) : name.text;
    packed += String.fromCharCode(pattern.length) + pattern;
  }
  return packed;
}

function escapeName(name: string): string {
  return SPECIAL.test(name) ? name.replace(/[*?\\]/g, '\\$&') : name;
}

/** Whether any of the names and patterns that are packed between two places of a text stands for this name. */
export function matchesPacked(packed: string, from: number, to: number, name: string): boolean {
  let at = from;
  while (at < to) {
    const end = at + 1 + packed.charCodeAt(at);
    if (matchesBetween(packed, at + 1, end, name)) return true;
    at = end;
  }
  return false;
}

/**
 * Matches the pattern between two places of a text. Takes what is between two stars at the first place where it fits, and
 * never goes back behind a star, so no name, however hostile, costs more than its length times the pattern's.
 */
function matchesBetween(text: string, from: number, to: number, name: string): boolean {
  let at = from;
  /** Behind the last star, and how much of the name that star and all before it stand for. */
  let afterStar = -1;
  let before = 0;
  for (let i = 0; i < name.length; ) {
    let sign = at < to ? text.charCodeAt(at) : END;
    if (sign === STAR) {
      afterStar = ++at;
      before = i;
      if (at === to) return true;
      continue;
    }
    const isAny = sign === QUESTION_MARK;
    if (sign === BACKSLASH) sign = text.charCodeAt(++at);
    if (isAny || sign === name.charCodeAt(i)) {
      at++;
      i++;
    } else {
      if (afterStar < 0) return false;
      at = afterStar;
      i = ++before;
    }
  }
  while (at < to && text.charCodeAt(at) === STAR) at++;
  return at === to;
}

/**
 * Whether every name that `narrow` stands for is one that `wide` stands for. Sure when it says so; there are pairs it
 * does not see through (`*?` and `?*`), and then it says no.
 */
export function coversPattern(wide: string | NamePattern, narrow: string | NamePattern): boolean {
  if (typeof narrow === 'string') return typeof wide === 'string' ? wide === narrow : wide.matches(narrow);
  return typeof wide !== 'string' && coversSigns(wide.signs(), narrow.signs());
}

/** What `wide` reads: `reachable[i]` says whether its first i signs can stand for what was read of `narrow` so far. */
function coversSigns(wide: readonly number[], narrow: readonly number[]): boolean {
  let reachable = [true];
  for (let i = 0; i < wide.length && wide[i] === ANY_RUN; i++) reachable[i + 1] = true;
  for (const sign of narrow) {
    const next: boolean[] = [];
    for (let i = 0; i < wide.length; i++) {
      const stays = wide[i] === ANY_RUN && (reachable[i] || reachable[i + 1] || next[i]);
      const reads = reachable[i] && sign !== ANY_RUN && (wide[i] === ANY_ONE || wide[i] === sign);
      next[i + 1] = Boolean(stays || reads);
    }
    reachable = next;
  }
  return reachable[wide.length] === true;
}

function readSigns(text: string): number[] {
  const signs: number[] = [];
  for (let i = 0; i < text.length; i++) {
    let sign = text.charCodeAt(i);
    if (sign === STAR) sign = ANY_RUN;
    else if (sign === QUESTION_MARK) sign = ANY_ONE;
    else if (sign === BACKSLASH) {
      if (++i === text.length) throw new SyntaxError('ends in a lone backslash: write `\\\\` for a backslash');
      sign = text.charCodeAt(i);
    }
    signs.push(sign);
  }
  return signs;
}

/** A name or a pattern in lower case. Folds ASCII only: ElastiCache has no other letters, and `toLowerCase` would make a Kelvin sign a `k`. */
export function lowerAscii(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}

/** Whether a pattern can stand for the name of a cache security group, or of a cache. */
export function canBeTargetName(pattern: string): boolean {
  return /^(\\?[a-zA-Z0-9-]|[*?])+$/.test(pattern);
}
