/** Stands for `?` among the signs of a pattern; no character has this code. */
const ANY_ONE = -1;
/** Stands for `*`. */
const ANY_RUN = -2;

const ANY_LETTER = 'x'.charCodeAt(0);

const SPECIAL = /[*?\\]/;
const STAR = '*'.charCodeAt(0);
const QUESTION_MARK = '?'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);

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

/** A pattern with at least one wildcard. */
export class NamePattern {
  /** As it was written. */
  readonly text: string;

  readonly #signs: readonly number[];

  constructor(text: string) {
    this.text = text;
    this.#signs = readSigns(text);
  }

  /** The pattern sign by sign: codes of characters, ANY_ONE, ANY_RUN. */
  signs(): readonly number[] {
    return this.#signs;
  }

  /** What every name that it matches begins with, and what it ends with, up to the first and from the last wildcard. */
  literalEnds(): { readonly beginning: string; readonly end: string } {
    const signs = this.signs();
    const first = signs.findIndex((sign) => sign < 0);
    const last = signs.findLastIndex((sign) => sign < 0);
    return {
      beginning: String.fromCharCode(...signs.slice(0, first)),
      end: String.fromCharCode(...signs.slice(last + 1)),
    };
  }

  /** A name that it matches. */
  example(): string {
    return String.fromCharCode(
      ...this.signs().flatMap((sign) => (sign === ANY_RUN ? [] : sign === ANY_ONE ? ANY_LETTER : sign)),
    );
  }

  /** Whether the pattern stands for this name. */
  matches(name: string): boolean {
    return matchesSigns(this.#signs, name);
  }
}

/**
 * Takes what is between two stars at the first place where it fits, and never goes back behind a star, so no name, however
 * hostile, costs more than its length times the pattern's.
 */
function matchesSigns(signs: readonly number[], name: string): boolean {
  let at = 0;
  /** Behind the last star, and how much of the name that star and all before it stand for. */
  let afterStar = -1;
  let before = 0;
  for (let i = 0; i < name.length; ) {
    const sign = signs[at];
    if (sign === ANY_RUN) {
      afterStar = ++at;
      before = i;
      if (at === signs.length) return true;
    } else if (sign === ANY_ONE || sign === name.charCodeAt(i)) {
      at++;
      i++;
    } else {
      if (afterStar < 0) return false;
      at = afterStar;
      i = ++before;
    }
  }
  while (signs[at] === ANY_RUN) at++;
  return at === signs.length;
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

/** A name as a pattern that stands for it alone. */
export function literal(name: string): string {
  return name.replace(/[*?\\]/g, '\\$&');
}
