import type { AuditReport } from './audit-report.ts';
import type { Cause } from './causes.ts';
import { revokeCommand, rulesToAdd } from './remedy.ts';
import { isStanding } from './verdict.ts';
import { count } from './wording.ts';

/** How many grants of a cause the rules to add are made for, and for how many a command is given. */
const MOST_GRANTS_IN_RULES = 25;
const MOST_COMMANDS = 3;

/** What somebody may want to do about a cause: one of these. */
export interface Step {
  readonly when: string;
  /** A sentence; names stand between backticks. */
  readonly text: string;
  /** Text to paste: rules for the allowlist, or commands. */
  readonly paste?: { readonly kind: 'yaml' | 'shell'; readonly text: string };
}

export function whatToDo(cause: Cause, report: AuditReport): Step[] {
  return [toAllow(cause, report), toRevoke(cause, report)];
}

function toAllow({ rule, onlyExpired, findings, standing }: Cause, { startedAt }: AuditReport): Step {
  const when = findings.length === 1 ? 'If it is needed' : 'If they are needed';
  if (onlyExpired) return { when, text: `give rule \`${rule}\` a later \`expires\`.` };
  const some = findings.slice(0, MOST_GRANTS_IN_RULES);
  const these =
    some.length < findings.length ? ` (for the first ${some.length} of ${count(findings.length, 'grant')})` : '';
  const again = standing === 0 ? `, and have ${findings.length === 1 ? 'it' : 'them'} authorized again` : '';
  const text = rulesToAdd(
    some.map(({ grant }) => grant),
    startedAt.slice(0, 10),
  );
  return { when, text: `add to the allowlist${these}${again}:`, paste: { kind: 'yaml', text } };
}

function toRevoke({ findings }: Cause, report: AuditReport): Step {
  const when = 'If not';
  const standing = findings.filter(isStanding);
  if (standing.length === 0) return { when, text: 'nothing is left to do.' };
  const some = standing.slice(0, MOST_COMMANDS);
  const these =
    some.length < standing.length ? ` (the first ${some.length} of ${count(standing.length, 'command')})` : '';
  const paste = { kind: 'shell', text: some.map(({ grant }) => revokeCommand(grant)).join('\n') } as const;
  const outcomes = new Set(standing.map(({ outcome }) => outcome));
  const them = standing.length === 1 ? 'it' : 'them';
  if (outcomes.has('held')) {
    const least = report.counts.outcomes.held ?? standing.length;
    return {
      when,
      text: `audit with \`--max-revocations ${least}\` or more, or revoke ${them} yourself${these}:`,
      paste,
    };
  }
  if (outcomes.has('would-revoke')) {
    return { when, text: `audit with \`--mode enforce\`, or revoke ${them} yourself${these}:`, paste };
  }
  return { when, text: `the next audit tries again; or revoke ${them} yourself${these}:`, paste };
}
