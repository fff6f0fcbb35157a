import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AuditSummary } from '../../handlers/shared/audit-summary.ts';
import type { ChatMessage } from '../../handlers/shared/chat-schema.ts';
import { sampleEvent, withChanges } from '../events/sample-events.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { startAuditGrants } from '../support/functions/audit-grants-function.ts';
import { startEnforceIngress } from '../support/functions/enforce-ingress-function.ts';
import { startEnforceSecurityGroup, startGuardedCache } from '../support/functions/enforce-security-group-function.ts';
import { startElastiCacheWithGrants } from '../support/local-aws/elasticache-with-grants.ts';
import { authorize, tcp } from '../support/local-aws/local-ec2.ts';
import { startAuditedElastiCache } from '../support/scripted/audited-elasticache.ts';

const CHAT = { INGRESS_GUARD_CHAT: 'true' };
const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength, pattern: '^[^<>&]*$' });

/**
 * The custom notification of Amazon Q Developer in chat applications, from its Administrator Guide ("Custom notifications", event schema
 * and parameter details). The lengths are our own: what a chat shows on a screen.
 */
const NOTIFICATION = {
  type: 'object',
  required: ['version', 'source', 'content'],
  properties: {
    version: { const: '1.0' },
    source: { const: 'custom' },
    content: {
      type: 'object',
      required: ['textType', 'title', 'description', 'nextSteps', 'keywords'],
      properties: {
        textType: { const: 'client-markdown' },
        title: text(150),
        description: text(5000),
        nextSteps: { type: 'array', minItems: 1, items: text(400) },
        keywords: { type: 'array', minItems: 1, items: text(100) },
      },
      additionalProperties: false,
    },
    metadata: {
      type: 'object',
      properties: { summary: text(150), eventType: text(100) },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
};
const validate = new Ajv().compile(NOTIFICATION);

/** The message in what a function returned, as EventBridge hands it on. */
function chatIn(result: unknown): ChatMessage {
  const { chat } = JSON.parse(JSON.stringify(result)) as { chat: ChatMessage };
  validate(chat);
  expect(validate.errors).toBeNull();
  return chat;
}

const strangersEvent = sampleEvent('authorize-ingress');

async function enforce(event: unknown, environment: Record<string, string> = CHAT) {
  const elastiCache = await startElastiCacheWithGrants();
  const invoke = await startEnforceIngress({
    AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url,
    INGRESS_GUARD_MODE: 'enforce',
    ...environment,
  });
  return await invoke(event);
}

async function enforceRule(
  environment: Record<string, string>,
  sources: object = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
) {
  const account = await startGuardedCache();
  const invoke = await startEnforceSecurityGroup({ ...account.environment, ...CHAT, ...environment });
  await authorize(account.ec2, account.groupId, tcp(6379, sources));
  return { ...(await invoke(await account.eventOf('AuthorizeSecurityGroupIngress'))), account };
}

describe('the message for chat tools', () => {
  test('says who was let in where, by whom, why it was revoked, and what to do if it is needed', async () => {
    const { result, account } = await enforceRule({});

    const { content, metadata } = chatIn(result);
    expect(content.title).toBe('Ingress Guard: Access to a cache was revoked, open to everybody');
    for (const shown of [
      '`0.0.0.0/0`',
      '`sessions:6379`',
      `\`${ACCOUNT}\``,
      `\`${REGION}\``,
      'Call by: `arn:aws:iam:',
    ]) {
      expect(content.description).toContain(shown);
    }
    expect(content.description).toMatch(/^Why: rule `office` /m);
    expect(content.description).toContain(`Security group rule: \`sgr-`);
    expect(content.nextSteps).toEqual([expect.stringContaining('`ingress-guard undo`')]);
    expect(content.keywords).toEqual(['revoked', ACCOUNT, REGION]);
    expect(metadata.eventType).toBe('ingress-guard.revoked');
    expect(account.groupId).toMatch(/^sg-/);
  });

  test('is of what would be revoked, in report-only mode', async () => {
    const { result } = await enforceRule({ INGRESS_GUARD_MODE: 'report-only' });

    expect(chatIn(result).content).toMatchObject({ title: expect.stringContaining('enforce mode would revoke it') });
  });

  test('is of the grant that was revoked, and says that there are more', async () => {
    const { result } = await enforceRule({}, { IpRanges: [{ CidrIp: '10.0.0.0/24' }, { CidrIp: '192.0.2.0/24' }] });

    const { description } = chatIn(result).content;
    expect(description).toContain('From: CIDR `192.0.2.0/24`');
    expect(description).toContain('one more grant');
  });

  test('is of a cache security group too', async () => {
    const { result } = await enforce(strangersEvent);

    expect(chatIn(result).content.description).toContain(
      `From: EC2 security group \`web\` of \`${STRANGER}\`\nTo: cache security group \`sessions\``,
    );
  });

  test('is not in the log, and not there where nobody is notified', async () => {
    const revoked = await enforce(strangersEvent);
    const own = withChanges(strangersEvent, { 'detail.requestParameters.eC2SecurityGroupOwnerId': ACCOUNT });

    expect(revoked.result).toHaveProperty('chat');
    expect(revoked.lines.join('\n')).not.toContain('client-markdown');
    expect((await enforce(own)).result).not.toHaveProperty('chat');
    expect(
      (await enforce(withChanges(strangersEvent, { source: 'ingress-guard.heartbeat' }))).result,
    ).not.toHaveProperty('chat');
  });

  test('is not made without the setting', async () => {
    expect((await enforce(strangersEvent, { INGRESS_GUARD_CHAT: 'false' })).result).not.toHaveProperty('chat');
    expect((await enforce(strangersEvent, {})).result).not.toHaveProperty('chat');
  });

  test('is valid, and calls or links to nothing, whatever a name and a caller are like', async () => {
    const hostile = fc.oneof(
      fc.constantFrom('"}], "x": "', '\\', '<!channel>', '<https://example.com|click>', '`', '*_~', '&amp;', '"\\"\n'),
      fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 255 }),
    );
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (name, arn) => {
        const event = withChanges(strangersEvent, {
          'detail.requestParameters.eC2SecurityGroupName': name,
          'detail.userIdentity.arn': arn,
        });
        const { result } = await enforce(event, { ...CHAT, INGRESS_GUARD_MODE: 'report-only' });
        if (result !== undefined) chatIn(result);
      }),
      { seed: 20261129, numRuns: 40 },
    );
  });
});

describe('the message of an audit', () => {
  const audit = async (environment: Record<string, string>): Promise<AuditSummary | undefined> => {
    const elastiCache = await startAuditedElastiCache({ denied: 2 });
    const invoke = await startAuditGrants({ AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url, ...environment });
    return (await invoke({})).result;
  };

  test('says what it revoked', async () => {
    const { content } = chatIn(await audit(CHAT));

    expect(content.title).toBe('Ingress Guard: an audit revoked disallowed access');
    expect(content.description).toContain('Disallowed: 2 of 3 grants\nrevoked: 2\nEverything was evaluated.');
  });

  test('says what stands, and where to look', async () => {
    const { content } = chatIn(await audit({ ...CHAT, INGRESS_GUARD_MODE: 'report-only' }));

    expect(content.title).toBe('Ingress Guard: an audit found disallowed access that stands');
    expect(content.description).toContain('would-revoke: 2');
    expect(content.nextSteps).toEqual([expect.stringContaining('`ingress-guard audit`')]);
  });

  test('is not made without the setting', async () => {
    expect(await audit({})).not.toHaveProperty('chat');
  });
});
