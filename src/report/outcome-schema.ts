import * as z from 'zod/mini';
import { HELD_BECAUSE, OUTCOMES } from '../policy/outcome.ts';
import { auditReportSchema, caller, decision, grant, instant, ruleText } from './report-schema.ts';

const text = z.optional(z.string());

const ofSecurityGroupRule = {
  /** Of a denied grant of a security group's rule: the rule as it stood, which is what `undo` restores. */
  securityGroupRule: z.optional(ruleText),
  /** What is worth knowing next to the decision: that the rule opens more than the cache's ports. */
  remark: text,
};

/** With the setting `chat`: the message for chat tools. Not in log lines. */
const chat = z.optional(
  z.object({
    version: z.literal('1.0'),
    source: z.literal('custom'),
    content: z.object({
      textType: z.literal('client-markdown'),
      title: z.string(),
      description: z.string(),
      nextSteps: z.array(z.string()),
      keywords: z.array(z.string()),
    }),
    metadata: z.object({ summary: z.string(), eventType: z.string() }),
  }),
);

/** What happened to one grant: what the function returns for an event, and every `decision` log line. */
export const outcomeSchema = z.object({
  // The second number grows with keys that readers of the first need not know.
  schemaVersion: z.string().check(z.regex(/^1\.\d{1,6}$/)),
  outcome: z.enum(OUTCOMES),
  grant: z.optional(grant),
  decision: z.optional(decision),
  mode: z.optional(z.enum(['report-only', 'enforce'])),
  allowlistSha256: text,
  /** Why the event was ignored. */
  reason: text,
  /** Why the event was rejected. */
  problems: z.optional(z.array(z.string())),
  revocationRequestId: text,
  exposureMs: z.optional(z.number().check(z.minimum(0))),
  eventId: text,
  eventTime: z.optional(instant),
  /** Who called, as far as CloudTrail says it. An audit does not know. */
  grantedBy: z.optional(caller),
  /** In a line of an audit. */
  foundBy: z.optional(z.literal('audit')),
  /** With `failed` and `held`: what kept the grant standing. */
  problem: text,
  /** With `held`. */
  heldBecause: z.optional(z.enum(HELD_BECAUSE)),
  ...ofSecurityGroupRule,
  /** What a part of it waits for: a cache that is being created. The event is handled again within minutes. */
  awaits: text,
  /** Of an event about several grants: each of them. What stands next to it is then of the gravest. */
  grants: z.optional(
    z.array(
      z.object({
        grant,
        decision,
        outcome: z.enum(OUTCOMES),
        problem: text,
        heldBecause: z.optional(z.enum(HELD_BECAUSE)),
        revocationRequestId: text,
        ...ofSecurityGroupRule,
      }),
    ),
  ),
  /** How many more of them there are, where they were too many to hand on. */
  grantsLeftOut: z.optional(z.number().check(z.int(), z.minimum(1))),
  chat,
});

/** What an audit returns: its report without the findings, and where the whole is. */
export const auditSummarySchema = z.extend(z.omit(auditReportSchema, { findings: true, targets: true }), {
  storedAs: z.array(z.string()),
  chat,
});

/** What Lambda makes of an error that a function throws. */
const failure = z.object({ errorType: z.string(), errorMessage: z.string() });

/** The JSON Schema of `responsePayload` in the events that the functions' destinations put on the bus. */
export function outcomeEventJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(z.union([outcomeSchema, auditSummarySchema, failure]), {
    target: 'draft-7',
    io: 'input',
  });
  return { ...schema, title: 'Outcome event of Ingress Guard' };
}
