import { Argument, type Command } from 'commander';
import { AllowlistError, type LocatedProblem } from '../allowlist/loaded-allowlist.ts';
import { findWarnings } from '../policy/allowlist-warnings.ts';
import { readAllowlist } from './inputs.ts';
import { EXIT, type Io } from './io.ts';
import { defaultAllowlist, type Format, formatOption } from './options.ts';
import { type Paint, painter } from './paint.ts';

/** `ingress-guard check`: is this allowlist valid, and does anything in it look like a mistake? */
export function checkCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('check')
    .description('find the mistakes in an allowlist')
    .addArgument(new Argument('[allowlist]', 'the file; - for standard input').default(defaultAllowlist(io)))
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExit code: 0 valid (perhaps with warnings), 3 not valid.\n\nExample:\n  $ ingress-guard check allowlist.yaml',
    )
    .action(async (path: string, { format }: { format: Format }) => {
      const checked = await check(path, io);
      io.stdout.write(format === 'json' ? `${JSON.stringify(checked)}\n` : toText(checked, painter(io)));
      if (!checked.valid) exit(EXIT.allowlistInvalid);
    });
}

interface Checked {
  readonly file: string;
  readonly valid: boolean;
  readonly rules?: number;
  readonly sha256?: string;
  readonly problems: readonly LocatedProblem[];
  readonly warnings: readonly LocatedProblem[];
}

async function check(file: string, io: Io): Promise<Checked> {
  try {
    const { allowlist, sha256, locate } = await readAllowlist(file, io);
    const warnings = findWarnings(allowlist, new Date())
      .map(({ path, message }) => ({ ...locate(path), message }))
      .sort((a, b) => a.line - b.line || a.column - b.column);
    return { file, valid: true, rules: allowlist.rules.length, sha256, problems: [], warnings };
  } catch (error) {
    if (!(error instanceof AllowlistError) || error.problems.length === 0) throw error;
    return { file, valid: false, problems: error.problems, warnings: [] };
  }
}

function toText({ file, valid, rules, problems, warnings }: Checked, paint: Paint): string {
  const lines = [
    ...problems.map((problem) => describe(file, paint('red', 'error'), problem)),
    ...warnings.map((warning) => describe(file, paint('yellow', 'warning'), warning)),
    valid
      ? `${file}: valid, ${count(rules ?? 0, 'rule')}, ${count(warnings.length, 'warning')}`
      : `${file}: not valid, ${count(problems.length, 'error')}`,
  ];
  return `${lines.join('\n')}\n`;
}

function describe(file: string, kind: string, { line, column, message }: LocatedProblem): string {
  return `${file}:${line}:${column}: ${kind}: ${message}`;
}

/** "1 rule", "2 rules" */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
