/** The world around a command: all that it reads and writes goes through here. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted when the person at the terminal wants it to end (Ctrl-C). */
  readonly interrupted: AbortSignal;
}

/** What a command's exit code means. */
export const EXIT = {
  done: 0,
  /** It could not run, or could not judge everything. */
  failed: 1,
  /** There are grants that no rule allows. */
  disallowed: 2,
  /** The allowlist is not valid. */
  allowlistInvalid: 3,
} as const;

/** Ends a command with one line for a person and an exit code. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, options: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? EXIT.failed;
  }
}
