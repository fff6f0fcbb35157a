/** Stands for `?` in a run of characters; no character has this code. */
const ANY_ONE = -1;
/** Stands for `*`. */
const ANY_RUN = -2;
type Run = readonly number[];

const SPECIAL = /[*?\\]/;

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
  const runs = parseRuns(text);
  const [first = []] = runs;
  return runs.length === 1 && !first.includes(ANY_ONE) ? toText(first) : new NamePattern(text, runs);
}

/**
 * A pattern with at least one wildcard. Matching takes each run between two stars at the first place where it fits and
 * never goes back, so no name, however hostile, costs more than its length times the pattern's.
 */
export class NamePattern {
  /** As it was written. */
  readonly text: string;
  /** What every name it matches begins with: the literal characters before its first wildcard. */
  readonly prefix: string;
  /** What every name it matches ends with: the literal characters after its last wildcard. */
  readonly suffix: string;
  private readonly first: Run;
  /** The runs between the first star and the last. */
  private readonly middle: readonly Run[];
  /** The run after the last star; `undefined` if there is no star. */
  private readonly last: Run | undefined;
  private readonly isBeginning: boolean;

  constructor(text: string, runs: readonly Run[]) {
    this.text = text;
    this.first = runs[0] as Run;
    this.middle = runs.slice(1, -1);
    this.last = runs.length > 1 ? runs.at(-1) : undefined;
    const firstWildcard = this.first.indexOf(ANY_ONE);
    const end = this.last ?? this.first;
    this.prefix = toText(firstWildcard < 0 ? this.first : this.first.slice(0, firstWildcard));
    this.suffix = toText(end.slice(end.lastIndexOf(ANY_ONE) + 1));
    this.isBeginning = runs.length === 2 && this.prefix.length === this.first.length && end.length === 0;
  }

  /** The pattern sign by sign: codes of characters, ANY_ONE, ANY_RUN. */
  signs(): number[] {
    return [this.first, ...this.middle, ...(this.last === undefined ? [] : [this.last])].flatMap((run, i) =>
      i === 0 ? run : [ANY_RUN, ...run],
    );
  }

  matches(name: string): boolean {
    const { first, last } = this;
    // `web-*` is what most patterns are like.
    if (this.isBeginning) return name.startsWith(this.prefix);
    if (last === undefined) return name.length === first.length && fitsAt(first, name, 0);
    const end = name.length - last.length;
    if (end < first.length || !fitsAt(first, name, 0) || !fitsAt(last, name, end)) return false;
    let from = first.length;
    for (const run of this.middle) {
      while (from + run.length <= end && !fitsAt(run, name, from)) from++;
      from += run.length;
      if (from > end) return false;
    }
    return true;
  }
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

/** The characters between the stars: `a*b?` is [[a], [b, any one]]. */
function parseRuns(pattern: string): Run[] {
  let run: number[] = [];
  const runs = [run];
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === '*') {
      run = [];
      runs.push(run);
    } else if (character === '?') {
      run.push(ANY_ONE);
    } else {
      if (character === '\\' && ++i === pattern.length) {
        throw new SyntaxError('ends in a lone backslash: write `\\\\` for a backslash');
      }
      run.push(pattern.charCodeAt(i));
    }
  }
  return runs;
}

function fitsAt(run: Run, name: string, at: number): boolean {
  for (let i = 0; i < run.length; i++) {
    if (run[i] !== ANY_ONE && run[i] !== name.charCodeAt(at + i)) return false;
  }
  return true;
}

function toText(run: Run): string {
  return String.fromCharCode(...run);
}
