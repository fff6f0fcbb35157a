import type { MiddlewareObj } from '@middy/core';
import type { EventOutcome } from '../../src/enforcement/event-outcome.ts';
import type { Outcome } from '../../src/policy/outcome.ts';
import { printable } from '../../src/policy/quote.ts';
import { grantWords, isForEverybody } from '../../src/report/grant-words.ts';
import type { AuditSummary } from './audit-summary.ts';
import type { ChatMessage, WithChat } from './chat-schema.ts';

/**
 * Middleware that adds `chat` to an event's outcome that people are notified of: the message as chat tools show it. EventBridge hands it
 * on as it is, so that no name can break it. A message that waits for more is made all the same: the rule decides who gets it.
 */
export function withOutcomeMessage(): MiddlewareObj<unknown, EventOutcome & WithChat> {
  return {
    after: (request) => {
      const { response } = request;
      if (response == null || !isAsked()) return;
      const outcome = gravestOf(response);
      if (outcome !== undefined) request.response = { ...response, chat: ofOutcome(response, outcome) };
    },
  };
}

/** The same for what an audit returns. What is no summary of an audit stays as it is. */
export function withAuditMessage<Result extends object>(): MiddlewareObj<unknown, Result & WithChat> {
  return {
    after: (request) => {
      const { response } = request;
      if (response != null && isAsked() && isSummary(response))
        request.response = { ...response, chat: ofAudit(response) };
    },
  };
}

/** `INGRESS_GUARD_CHAT` */
function isAsked(): boolean {
  return process.env.INGRESS_GUARD_CHAT === 'true';
}

type Told = 'revoked' | 'would-revoke' | 'held';

const TITLES: Readonly<Record<Told, string>> = {
  revoked: 'Access to a cache was revoked',
  'would-revoke': 'Disallowed access to a cache: enforce mode would revoke it',
  held: 'Disallowed access to a cache is held: it stands',
};

const NEXT_STEPS: Readonly<Record<Told, readonly string[]>> = {
  revoked: ['If it is needed: add an allowlist rule, then restore it with `ingress-guard undo`.'],
  'would-revoke': ['If it is needed: add an allowlist rule.', 'If not: revoke it.'],
  held: ['Read why it is held, then decide: add an allowlist rule, or revoke it.'],
};

/** Of an event about several grants, one that was revoked counts first, whatever the gravest of them is. */
function gravestOf({ outcome, grants = [] }: EventOutcome): Told | undefined {
  if (grants.some((one) => one.outcome === 'revoked')) return 'revoked';
  return isTold(outcome) ? outcome : undefined;
}

function isTold(outcome: Outcome): outcome is Told {
  return outcome in TITLES;
}

function ofOutcome(event: EventOutcome, outcome: Told): ChatMessage {
  const ofMany = event.grants?.find((one) => one.outcome === outcome && one.decision.effect === 'deny');
  const shown = event.outcome === outcome ? event : (ofMany ?? event);
  const { grant, decision, problem, remark } = shown;
  const { grantedBy, eventId, grants = [], grantsLeftOut = 0 } = event;
  const words = grant && grantWords(grant);
  const why = decision?.effect === 'deny' ? decision.reasons[0]?.text : undefined;
  const more = grants.length + grantsLeftOut - 1;
  const by = [grantedBy.arn, grantedBy.invokedBy].filter((one) => one !== undefined).join(' through ');
  const lines = [
    words && `From: ${words.sourceKind} ${code(words.source)}${words.owner === '' ? '' : ` of ${code(words.owner)}`}`,
    words && `To: ${words.targetKind} ${code(words.target)}`,
    words?.rule && `Security group rule: ${code(words.rule)}`,
    grant && `Account ${code(grant.account)}, ${code(grant.region)}`,
    by !== '' && `Call by: ${code(by)}`,
    why && `Why: ${text(why)}.`,
    problem && text(`${problem}.`),
    remark && text(`${remark}.`),
    more > 0 && `The event made ${more === 1 ? 'one more grant' : `${more} more grants`}: each has a decision line.`,
    eventId && `CloudTrail event ${code(eventId)}`,
  ];
  const everybody = grant && isForEverybody(grant) ? ', open to everybody' : '';
  return {
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title: `Ingress Guard: ${TITLES[outcome]}${everybody}`,
      description: lines.filter(Boolean).join('\n'),
      nextSteps: NEXT_STEPS[outcome],
      keywords: [outcome, ...(grant ? [grant.account, grant.region].map((one) => text(one)) : [])],
    },
    metadata: { summary: `Ingress Guard: ${TITLES[outcome]}`, eventType: `ingress-guard.${outcome}` },
  };
}

function ofAudit({ startedAt, complete, mode, counts, storedAs }: AuditSummary): ChatMessage {
  const of = (outcome: Outcome): number => counts.outcomes[outcome] ?? 0;
  const lines = [
    `Audit of ${startedAt.slice(0, 16).replace('T', ' ')} UTC, mode ${mode}`,
    `Disallowed: ${counts.denied} of ${counts.judged} grants`,
    ...(['revoked', 'would-revoke', 'held', 'failed'] as const).flatMap((outcome) =>
      of(outcome) > 0 ? `${outcome}: ${of(outcome)}` : [],
    ),
    complete ? 'Everything was evaluated.' : `Not everything was evaluated: ${counts.notJudged} could not be.`,
  ];
  const isOpen = of('would-revoke') + of('held') + of('failed') > 0;
  const title = isOpen
    ? 'an audit found disallowed access that stands'
    : of('revoked') > 0
      ? 'an audit revoked disallowed access'
      : 'an audit could not evaluate everything';
  return {
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title: `Ingress Guard: ${title}`,
      description: lines.join('\n'),
      nextSteps: [
        storedAs.length > 0
          ? `Read the report: ${code(storedAs.at(-1) ?? '')}`
          : 'Run `ingress-guard audit` to see each grant, and what to do.',
      ],
      keywords: ['audit', mode],
    },
    metadata: { summary: `Ingress Guard: ${title}`, eventType: 'ingress-guard.audit' },
  };
}

function isSummary(response: object): response is AuditSummary {
  return 'counts' in response && 'startedAt' in response;
}

const LONGEST_CODE = 300;
const LONGEST_TEXT = 700;

/** As code, where no character of Markdown means anything. */
function code(value: string): string {
  return `\`${text(value, LONGEST_CODE).replaceAll('`', '?')}\``;
}

/** Without `<`, `>` and `&`: in Slack they make links and call people, as `<!channel>` does, even in code. */
function text(value: string, longest = LONGEST_TEXT): string {
  return printable(value, longest).replaceAll(/[<>&]/g, '?');
}
