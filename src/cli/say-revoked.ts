import type { Finding } from '../policy/finding.ts';
import { describeGrant } from '../policy/grant.ts';
import { printable } from '../policy/quote.ts';
import { count } from '../report/wording.ts';
import type { Io } from './io.ts';

/**
 * Writes on standard error that a grant was revoked, or could not be, as soon as that is known: the report comes at the end, and the end can
 * be far away. Other outcomes are left to the report.
 */
export function sayRevoked({ stderr }: Io, { outcome, grant, problem }: Told): void {
  if (outcome === 'revoked') stderr.write(`revoked: ${printable(describeGrant(grant), 400)}\n`);
  else if (outcome === 'failed') {
    const what = problem?.startsWith(NO_FINAL_ANSWER) ? 'not known whether revoked' : 'not revoked';
    stderr.write(`${what}: ${printable(`${describeGrant(grant)}: ${problem ?? 'the call failed'}`, 400)}\n`);
  }
}

/** How a problem begins after which it may be revoked all the same. Written out: the bundled command leaves out the names of classes. */
const NO_FINAL_ANSWER = 'NoFinalAnswerError: ';

type Told = Pick<Finding, 'grant' | 'problem'> & { readonly outcome: string };

/** Writes, if the command was interrupted, how far its revocations came. */
export function sayEndedEarly(findings: readonly Told[], { stderr, interrupted }: Io): void {
  if (!interrupted.aborted) return;
  const number = (outcome: string): string => count(findings.filter((one) => one.outcome === outcome).length, 'grant');
  stderr.write(
    `ingress-guard: ended early: ${number('revoked')} revoked, ${number('failed')} not revoked. The report also lists what was not evaluated\n`,
  );
}
