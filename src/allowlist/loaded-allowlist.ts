import type { Allowlist } from '../policy/allowlist.ts';
import type { CompiledAllowlist } from '../policy/compile-allowlist.ts';
import type { AllowlistProblem } from '../policy/parse-allowlist.ts';

/** An allowlist ready for judging, and which one it is. */
export interface LoadedAllowlist {
  readonly allowlist: Allowlist;
  readonly compiled: CompiledAllowlist;
  /** Of the text it was read from, in hexadecimal. */
  readonly sha256: string;
}

/** A place in a text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A problem of an allowlist and where in its text it is. */
export interface LocatedProblem extends Position {
  readonly message: string;
}

/** A loaded allowlist that can say where in its text something is. */
export interface LocatedAllowlist extends LoadedAllowlist {
  readonly locate: (path: AllowlistProblem['path']) => Position;
}

/** The allowlist cannot be used. Nothing is judged by it: an unreadable allowlist never means "deny everything". */
export class AllowlistError extends Error {
  override name = 'AllowlistError';
  readonly problems: readonly LocatedProblem[];

  constructor(message: string, problems: readonly LocatedProblem[] = [], options?: ErrorOptions) {
    super(message, options);
    this.problems = problems;
  }
}
