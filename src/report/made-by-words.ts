import type { Finding } from '../policy/finding.ts';
import type { MadeBy } from '../policy/made-by.ts';
import type { AuditReport } from './audit-report.ts';
import { grantWords } from './grant-words.ts';
import { count, instant } from './wording.ts';

/** Who called: the ARN, or the most that CloudTrail says. */
export function callerOf({ grantedBy: { arn, invokedBy, principalId, accountId } }: MadeBy): string {
  return arn ?? invokedBy ?? principalId ?? accountId ?? 'a caller whom CloudTrail does not name';
}

/** `made by arn:aws:iam::111122223333:user/alice, 2027-01-31 12:00:05 UTC` */
export function describeMadeBy(madeBy: MadeBy): string {
  const { eventTime } = madeBy;
  const at = eventTime === undefined ? '' : `, ${instant(eventTime)}`;
  return `${didOf(madeBy)} by ${callerOf(madeBy)}${throughOf(madeBy)}${at}`;
}

/** The same without who: `made 2027-01-31 12:00:05 UTC through cloudformation.amazonaws.com` */
export function describeMaking(madeBy: MadeBy): string {
  const { eventTime } = madeBy;
  return `${didOf(madeBy)}${eventTime === undefined ? '' : ` ${instant(eventTime)}`}${throughOf(madeBy)}`;
}

function didOf({ eventName }: MadeBy): string {
  return eventName === 'ModifySecurityGroupRules' ? 'last edited' : 'made';
}

function throughOf(madeBy: MadeBy): string {
  const { invokedBy } = madeBy.grantedBy;
  return invokedBy === undefined || invokedBy === callerOf(madeBy) ? '' : ` through ${invokedBy}`;
}

/** The last part of who called, which people know: the name of a user, or of a session. */
export function shortCallerOf(madeBy: MadeBy): string {
  return callerOf(madeBy).split('/').at(-1) || callerOf(madeBy);
}

/** Who made these rules, a line for each call: `sgr-0a, sgr-0b: made by ...` */
export function describeMakers(findings: readonly Finding[]): string[] {
  const rulesOf = new Map<string, Set<string>>();
  for (const { grant, madeBy } of findings) {
    if (madeBy === undefined) continue;
    const words = describeMadeBy(madeBy);
    const rules = rulesOf.get(words) ?? new Set();
    rulesOf.set(words, rules.add(grantWords(grant).rule ?? grantWords(grant).target));
  }
  return [...rulesOf].map(([words, rules]) => `${[...rules].join(', ')}: ${words}`);
}

/** What is not known of who made the denied rules, a sentence each; nothing if no one asked, or if all is known. */
export function describeWhoMade({ whoMade }: AuditReport): string[] {
  if (whoMade === undefined) return [];
  const { lookedUp, found, leftOut, problem } = whoMade;
  const unknown = lookedUp - found;
  return [
    ...(problem !== undefined
      ? [
          `Who made ${unknown === lookedUp ? 'the denied security group rules' : count(unknown, 'of the denied security group rules', 'of the denied security group rules')} is not known: ${problem}.`,
        ]
      : unknown > 0
        ? [
            `CloudTrail has no call of the last 90 days that made or edited ${count(unknown, 'denied security group rule')}.`,
          ]
        : []),
    ...(leftOut > 0
      ? [
          `Who made them was looked up for the ${lookedUp} most dangerous security group rules; ${count(leftOut, 'other was', 'others were')} not looked up.`,
        ]
      : []),
  ];
}
