import type { Mode } from '../enforcement/mode.ts';
import { asker } from './ask.ts';
import { isStandardInputTaken } from './inputs.ts';
import { CommandError, type Io } from './io.ts';

/**
 * Asks a person at a terminal whether to go on.
 *
 * @throws {CommandError} unless the answer is yes; or if standard input was read to its end, so that no one can answer.
 */
export async function confirm(question: string, io: Io): Promise<void> {
  if (isStandardInputTaken(io)) {
    throw new CommandError('standard input (-) was read already, and no one can answer: add --yes, or name a file');
  }
  using questions = asker(io);
  if (!(await questions.ask(question))) throw new CommandError('nothing was revoked');
}

/**
 * Asks a person at a terminal before an audit revokes anything. A script said what it means by the mode, and has no one to ask.
 *
 * @param where what is audited, for the question.
 * @throws {CommandError} as `confirm`.
 */
export async function confirmAudit(
  { mode, yes }: { readonly mode: Mode; readonly yes?: true },
  where: string,
  maxRevocations: number,
  io: Io,
): Promise<void> {
  if (mode !== 'enforce' || yes || io.stdin.isTTY !== true) return;
  const limit = Number.isFinite(maxRevocations) ? `at most ${maxRevocations}, or none` : 'however many';
  await confirm(`Revoke the grants that no rule allows (${limit}) in ${where}?`, io);
}
