import type { LocatedProblem, Position } from '../../allowlist/loaded-allowlist.ts';

/** What can be wrong, by the id that a build server shows and groups by. The ids stay: people mute findings by them. */
export const KINDS = {
  unreadable: { level: 'error', description: 'A file or parameter cannot be read: nothing of it was checked' },
  'allowlist-invalid': { level: 'error', description: 'The allowlist is not valid' },
  'allowlist-warning': { level: 'warning', description: 'Something in the allowlist looks like a mistake' },
  'case-failed': { level: 'error', description: 'The allowlist does not decide as a case expects' },
  'case-unreadable': { level: 'error', description: 'A case cannot be read' },
  'rule-unreached': { level: 'warning', description: 'No case reaches an allowlist rule' },
} as const;

export type Kind = keyof typeof KINDS;

/** One thing that was looked at. */
export interface Result {
  /** What it is, on one line. */
  readonly name: string;
  /** Where in the file it begins. */
  readonly at: Position;
  /** What is wrong with it, if something is. */
  readonly wrong?: { readonly kind: Kind; readonly message: string };
}

/** What was looked at in one file. */
export interface Suite {
  /** As the user wrote it, without `./`. `undefined` if what was read is no file: standard input, an SSM parameter. */
  readonly file: string | undefined;
  /** What a person calls it: the file, `standard input`, `ssm:NAME`. */
  readonly name: string;
  readonly results: readonly Result[];
}

/** Whether nothing could be checked there: that must not look like a file without mistakes. */
export function isUnchecked({ wrong }: Result): boolean {
  return wrong?.kind === 'unreadable';
}

/** Problems of a file as results: each is about itself. */
export function asResults(kind: Kind, problems: readonly LocatedProblem[]): Result[] {
  return problems.map(({ message, line, column }) => ({
    name: message,
    at: { line, column },
    wrong: { kind, message },
  }));
}
