import { Argument, type Command } from 'commander';
import { AllowlistError, type LocatedProblem } from '../allowlist/loaded-allowlist.ts';
import { findWarnings } from '../policy/allowlist-warnings.ts';
import { CI_FORMATS, type CiFormat, formatForCi, formatUnreadable, isCiFormat, readAt } from './ci/format.ts';
import { asResults, type Suite } from './ci/results.ts';
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
    .addOption(formatOption(...CI_FORMATS))
    .addHelpText(
      'after',
      `
Formats of build servers: github (annotations of a workflow), junit (XML of tests), sarif (code scanning).
Exit code: 0 valid (perhaps with warnings), 1 cannot be read, 3 not valid.

Example:
  $ ingress-guard check allowlist.yaml`,
    )
    .action(async (path: string, { format }: { format: Format | CiFormat }) => {
      const checked = await check(path, io).catch(async (error) => {
        if (isCiFormat(format)) io.stdout.write(await formatUnreadable(format, path, error));
        throw error;
      });
      io.stdout.write(await write(checked, format, io));
      if (!checked.valid) exit(EXIT.allowlistInvalid);
    });
}

async function write(checked: Checked, format: Format | CiFormat, io: Io): Promise<string> {
  if (isCiFormat(format)) return await formatForCi(format, [toSuite(checked)], `Checked ${summarize(checked)}`);
  return format === 'json' ? `${JSON.stringify(checked)}\n` : toText(checked, painter(io));
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

function toText(checked: Checked, paint: Paint): string {
  const { file, problems, warnings } = checked;
  const lines = [
    ...problems.map((problem) => describe(file, paint('red', 'error'), problem)),
    ...warnings.map((warning) => describe(file, paint('yellow', 'warning'), warning)),
    summarize(checked),
  ];
  return `${lines.join('\n')}\n`;
}

function summarize({ file, valid, rules, problems, warnings }: Checked): string {
  return valid
    ? `${file}: valid, ${count(rules ?? 0, 'rule')}, ${count(warnings.length, 'warning')}`
    : `${file}: not valid, ${count(problems.length, 'error')}`;
}

function toSuite({ file, valid, problems, warnings }: Checked): Suite {
  const validity = valid ? [{ name: 'the allowlist is valid', at: { line: 1, column: 1 } }] : [];
  return {
    ...readAt(file),
    results: [...validity, ...asResults('allowlist-invalid', problems), ...asResults('allowlist-warning', warnings)],
  };
}

function describe(file: string, kind: string, { line, column, message }: LocatedProblem): string {
  return `${file}:${line}:${column}: ${kind}: ${message}`;
}

/** "1 rule", "2 rules" */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
