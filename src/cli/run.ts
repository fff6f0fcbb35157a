import { type Command, CommanderError } from 'commander';
import { AllowlistError } from '../allowlist/loaded-allowlist.ts';
import { quote } from '../policy/quote.ts';
import { VERSION } from '../report/version.ts';
import { GuardCommand } from './guard-command.ts';
import { CommandError, EXIT, type Io } from './io.ts';
import { isOneLine } from './one-line.ts';

/** Adds a command to the program; its result is reported with `exit`. */
export type AddCommand = (program: Command, io: Io, exit: (code: number) => void) => void;

/** Each is loaded when it is asked for: most need little of what the others do. */
const COMMANDS = new Map<string | undefined, () => Promise<AddCommand>>([
  ['init', async () => (await import('./init.ts')).initCommand],
  ['check', async () => (await import('./check.ts')).checkCommand],
  ['test', async () => (await import('./test.ts')).testCommand],
  ['explain', async () => (await import('./explain.ts')).explainCommand],
  ['replay', async () => (await import('./replay.ts')).replayCommand],
  ['what-if', async () => (await import('./what-if.ts')).whatIfCommand],
  ['audit', async () => (await import('./audit.ts')).auditCommand],
  ['learn', async () => (await import('./learn.ts')).learnCommand],
  ['doctor', async () => (await import('./doctor.ts')).doctorCommand],
  ['undo', async () => (await import('./undo.ts')).undoCommand],
  ['status', async () => (await import('./status.ts')).statusCommand],
  ['drill', async () => (await import('./drill.ts')).drillCommand],
  ['redrive', async () => (await import('./redrive.ts')).redriveCommand],
  ['local', async () => (await import('./local.ts')).localCommand],
]);

/**
 * Runs one command line.
 *
 * @param argv without the program's name.
 * @returns the exit code: 0 done, 1 could not run or could not judge everything, 2 disallowed grants found, 3 allowlist
 * invalid. Never throws: what went wrong is on standard error.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const refused = findUnshowable(argv, io);
  if (refused !== undefined) {
    io.stderr.write(`ingress-guard: ${refused}\n`);
    return EXIT.failed;
  }
  let exitCode: number = EXIT.done;
  const program = new GuardCommand('ingress-guard')
    .description('Reports and revokes access to ElastiCache caches that your allowlist does not allow')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    });
  const named = COMMANDS.get(argv[0]);
  for (const load of named === undefined ? COMMANDS.values() : [named]) {
    (await load())(program, io, (code) => {
      exitCode = code;
    });
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said what is wrong already; its own code for that is 1, and 0 for --help and --version.
    if (error instanceof CommanderError) return error.exitCode;
    io.stderr.write(`ingress-guard: ${describe(error)}\n`);
    if (error instanceof CommandError) return error.exitCode;
    return error instanceof AllowlistError && error.problems.length > 0 ? EXIT.allowlistInvalid : EXIT.failed;
  }
}

/** As long as a path can be. */
const LONGEST_ARGUMENT = 4096;
/** They stand for arguments. */
const VARIABLES = [
  'INGRESS_GUARD_ALLOWLIST',
  'INGRESS_GUARD_MODE',
  'INGRESS_GUARD_SHARED',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
];

/** Why these arguments are not taken, if so. Messages name files and the like as they are, and here that is made safe. */
function findUnshowable(argv: readonly string[], { environment }: Io): string | undefined {
  const given = [
    ...argv.map((text) => ({ what: 'the argument', text })),
    ...VARIABLES.map((name) => ({ what: name, text: environment[name] ?? '' })),
  ];
  const wrong = given.find(({ text }) => !isOneLine(text, LONGEST_ARGUMENT));
  if (wrong === undefined) return undefined;
  return `${wrong.what} ${quote(wrong.text)} has control characters in it, or more than ${LONGEST_ARGUMENT} characters`;
}

/** For a person: what is wrong; for a defect of ours, also where. */
function describe(error: unknown): string {
  if (error instanceof CommandError || error instanceof AllowlistError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
