import { readFileSync } from 'node:fs';
import { expect, expectTypeOf, it } from 'vitest';
import type * as z from 'zod/mini';
import type { AuditSummary } from '../../handlers/shared/audit-summary.ts';
import type { ChatMessage, WithChat } from '../../handlers/shared/chat-schema.ts';
import type { EventOutcome } from '../../src/enforcement/event-outcome.ts';
import {
  type auditSummarySchema,
  outcomeEventJsonSchema,
  type outcomeSchema,
} from '../../src/report/outcome-schema.ts';

it('is published as it is made (npm run schema writes it)', () => {
  const published = readFileSync(new URL('../../schema/outcome-event.schema.json', import.meta.url), 'utf8');

  expect(JSON.parse(published)).toEqual(outcomeEventJsonSchema());
});

it('has the keys of what the functions return and log, no fewer and no others', () => {
  type OfAuditLines = 'foundBy' | 'problem' | 'securityGroupRule' | 'remark' | 'grants';

  expectTypeOf<keyof z.infer<typeof outcomeSchema>>().toEqualTypeOf<
    keyof EventOutcome | keyof WithChat | OfAuditLines
  >();
  expectTypeOf<keyof z.infer<typeof auditSummarySchema>>().toEqualTypeOf<keyof AuditSummary | keyof WithChat>();
  expectTypeOf<z.infer<typeof auditSummarySchema>['chat']>().toMatchTypeOf<ChatMessage | undefined>();
});
