import { quote } from '../policy/quote.ts';

/** A value of a text that holds many, or what is wrong with a stretch of it; and the line on which it begins. */
export type Split =
  | { readonly line: number; readonly value: unknown; readonly problem?: never }
  | { readonly line: number; readonly problem: string; readonly value?: never };

/** A longer value is skipped: CloudTrail's events are up to 256 KB, and memory is not for the rest. */
const MOST_CHARACTERS = 16 * 1024 * 1024;
/** An event is a few objects deep. */
const MOST_DEPTH = 100;
/** What comes before JSON on the lines of `aws logs tail` and of logs that CloudWatch exports to S3. */
const DATED = /^\d{4}-\d\d-\d\d[T ]/;
/** What matters within a text, and in what is skipped. */
const MATTERS_IN_TEXT = /["\\\n]/g;
const LINE_END = /\n/g;

/** A value that is being read. */
interface Open {
  readonly line: number;
  /** Its text: what is kept of it, and the buffer from here on. */
  readonly kept: string;
  start: number;
  /** How many of its brackets are open. */
  depth: number;
  /** Where the next value begins if this one turns out to be cut off. */
  next?: { at: number; readonly line: number } | undefined;
}

/**
 * Splits a text into its JSON values, in one way for every layout: one value, several on lines or one after another, the
 * elements of a list, and those of a list that an object holds under one of these keys. After such an object's elements comes
 * the object itself, with that list empty. Commas between values may be missing or too many.
 *
 * A stretch that is no JSON is a problem. Reading goes on at the next line that begins with `{` or `[`. No more than the
 * value that is being read is in memory, and at most 16 MB of that.
 */
export class JsonSplitter {
  readonly #lists: readonly string[];
  #buffer = '';
  #at = 0;
  #line = 1;
  #isLineStart = true;
  #isEmpty = true;
  /** The object or list whose elements are split off, and the value that is being read. */
  #outer: Open | undefined;
  #value: Open | undefined;
  #isInText = false;
  #isEscaped = false;
  /** The last character outside of texts that is no white space. */
  #last = '';
  #skipped: { readonly line: number; readonly problem: string } | undefined;

  constructor(lists: readonly string[]) {
    this.#lists = lists;
  }

  /** The values that end in the next piece of the text. */
  *write(piece: string): Generator<Split> {
    this.#buffer += piece;
    yield* this.#read();
    const from = this.#value?.start ?? this.#at;
    this.#buffer = this.#buffer.slice(from);
    this.#at -= from;
    if (this.#value === undefined) return;
    this.#value.start = 0;
    if (this.#value.next !== undefined) this.#value.next.at -= from;
    if (this.#at > MOST_CHARACTERS) {
      this.#fail('longer than 16 MB');
      yield* this.write('');
    }
  }

  /** The last values, when the text has ended. */
  *end(): Generator<Split> {
    while (this.#value !== undefined || this.#outer !== undefined) {
      const isWhole = this.#value?.depth === 0 && !this.#isInText;
      const split = isWhole ? this.#complete(this.#buffer.length) : this.#fail('not JSON to its end: it is cut off');
      if (split !== undefined) yield split;
      yield* this.#read();
    }
    if (this.#skipped !== undefined) yield this.#endSkipping(this.#line);
    if (this.#isEmpty) yield { line: 1, problem: 'empty: there is nothing to read' };
  }

  *#read(): Generator<Split> {
    for (; this.#at < this.#buffer.length; this.#at++) {
      if (this.#isInText && !this.#isEscaped) this.#jumpTo(MATTERS_IN_TEXT);
      else if (this.#skipped !== undefined && !this.#isLineStart) this.#jumpTo(LINE_END);
      const c = this.#buffer[this.#at];
      if (c === undefined) return;
      const isLineStart = this.#isLineStart;
      this.#isLineStart = c === '\n';
      if (c === '\n') this.#line++;
      if (this.#isInText) this.#readText(c);
      else if (this.#skipped === undefined || (isLineStart && (c === '{' || c === '['))) {
        if (this.#skipped !== undefined) yield this.#endSkipping(this.#line - 1);
        const split = this.#readJson(c, isLineStart);
        if (split !== undefined) yield split;
      }
    }
  }

  /** To the next character that matters, or to the end of the buffer. */
  #jumpTo(wanted: RegExp): void {
    wanted.lastIndex = this.#at;
    this.#at = wanted.test(this.#buffer) ? wanted.lastIndex - 1 : this.#buffer.length;
  }

  #readText(c: string): void {
    if (c === '\n') this.#fail('not JSON: a line ends within a text');
    else if (this.#isEscaped) this.#isEscaped = false;
    else if (c === '\\') this.#isEscaped = true;
    else this.#isInText = false;
  }

  #readJson(c: string, isLineStart: boolean): Split | undefined {
    const isSpace = c === ' ' || c === '\n' || c === '\r' || c === '\t' || c === '\uFEFF';
    if (this.#value === undefined) {
      if (isSpace || c === ',') return undefined;
      this.#isEmpty = false;
      if (this.#outer !== undefined && c === ']') {
        this.#value = { ...this.#outer, start: this.#at };
        this.#outer = undefined;
      } else if (this.#outer === undefined && (c === ']' || c === '}')) {
        // What is left of a list in which something was skipped.
        return undefined;
      } else this.#value = { line: this.#line, kept: '', start: this.#at, depth: 0 };
    }
    const value = this.#value;
    const last = this.#last;
    if (!isSpace) this.#last = c;
    if (c === '"') this.#isInText = true;
    else if (value.depth === 0 && this.#at > value.start) return this.#readBare(c, value);
    else if (c === '{' || c === '[') return this.#open(c, value, isLineStart ? last : '');
    else if ((c === '}' || c === ']') && value.depth > 0 && --value.depth === 0) return this.#complete(this.#at + 1);
    return undefined;
  }

  /** Goes on with a value that has no brackets: a text, a number, or no JSON at all. */
  #readBare(c: string, value: Open): Split | undefined {
    const isInList = this.#outer !== undefined;
    // What ends a list is still to be read.
    if (isInList && c === ']') return this.#complete(this.#at--);
    if (c === '\n' || (isInList && c === ',')) return this.#complete(this.#at);
    if (c === '{' && !isInList && DATED.test(this.#buffer.slice(value.start, this.#at))) {
      value.start = this.#at;
      value.depth = 1;
    }
    return undefined;
  }

  /** @param last what comes before the bracket, if a line begins with it. */
  #open(c: '{' | '[', value: Open, last: string): undefined {
    if (last !== '' && value.depth > 0) {
      value.next ??= { at: this.#at, line: this.#line };
      if (!':,['.includes(last)) return this.#fail('not JSON: it is cut off');
    }
    if (value.depth === MOST_DEPTH) {
      // To go back from here would be to read the same lines a hundred times where each of them opens a bracket.
      value.next = undefined;
      return this.#fail(`nested deeper than ${MOST_DEPTH} levels`);
    }
    const isSplit = c === '[' && this.#outer === undefined && (value.depth === 0 || this.#isListed(value));
    value.depth++;
    if (!isSplit) return;
    this.#outer = { ...value, kept: value.kept + this.#buffer.slice(value.start, this.#at + 1) };
    this.#value = undefined;
  }

  /** Whether the list that begins here is one whose elements are split off. */
  #isListed({ depth }: Open): boolean {
    const [, key = ''] = /"(\w+)"\s*:\s*$/.exec(this.#buffer.slice(Math.max(0, this.#at - 100), this.#at)) ?? [];
    return depth === 1 && this.#lists.includes(key);
  }

  /** The value, which ends here. */
  #complete(end: number): Split | undefined {
    const { kept, start, line, next } = this.#value as Open;
    const text = kept + this.#buffer.slice(start, end);
    try {
      const value: unknown = JSON.parse(text);
      this.#value = undefined;
      return { line, value };
    } catch {
      const problem = `not JSON: ${quote(text)}`;
      // What follows prose is prose, up to the next bracket.
      const isProse = !/^[{[]/.test(text) && !DATED.test(text) && this.#outer === undefined;
      if (next !== undefined || isProse) return this.#fail(problem);
      this.#value = undefined;
      return { line, problem };
    }
  }

  /** Gives up what is being read, up to the next line that can begin a value. */
  #fail(problem: string): undefined {
    const { line, next } = (this.#value ?? this.#outer) as Open;
    this.#skipped = { line, problem };
    this.#value = undefined;
    this.#outer = undefined;
    this.#isInText = false;
    this.#isEscaped = false;
    if (next === undefined) return;
    // Reading goes on with the character after this one.
    this.#at = next.at - 1;
    this.#line = next.line;
    this.#isLineStart = true;
  }

  #endSkipping(lastLine: number): Split {
    const { line, problem } = this.#skipped as { line: number; problem: string };
    this.#skipped = undefined;
    return { line, problem: lastLine > line ? `${problem}; not read up to line ${lastLine}` : problem };
  }
}
