import { expect } from 'vitest';
import { type Surroundings, startCommand } from './run-command.ts';

/** A command that has ended. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ingress-guard` with these arguments to its end, in this process. */
export async function runCli(
  argv: readonly string[],
  { environment = {}, ...surroundings }: Surroundings & { readonly environment?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const command = startCommand(argv, environment, surroundings);
  const exitCode = await command.exitCode;
  return { exitCode, stdout: command.stdout(), stderr: command.stderr() };
}

/** The lines of an answer in JSON. */
export function jsonLines(text: string): unknown[] {
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Holds a refusal to its promise: nothing on standard output, and on standard error what it is and nothing of ours. */
export function expectRefusal({ exitCode, stdout, stderr }: Ended, code: number, message: RegExp): void {
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('    at ');
  expect(stdout).toBe('');
  expect(exitCode).toBe(code);
}

/** Holds a command to what each promises of `--help`: on standard output, with its exit codes and an example, and 0. */
export async function expectHelp(command: string): Promise<void> {
  const { exitCode, stdout, stderr } = await runCli([command, '--help']);
  expect(stdout).toMatch(new RegExp(`^Usage: ingress-guard ${command} `));
  expect(stdout).toMatch(new RegExp(`\\nExample:\\n {2}\\$ (.*\\n {2}\\$ )?ingress-guard ${command} `));
  expect(stdout).not.toMatch(/default: "\d{4}-/);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
}
