import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { linksOf, sectionOf } from '../support/tools/markdown.ts';

/**
 * Questions of someone on call at night who knows AWS and not this project; the one page and heading that answers each; and
 * what the answer comes down to: what one types or decides.
 */
const QUESTIONS: readonly (readonly [question: string, page: string, heading: string, answer: readonly string[]])[] = [
  [
    'My phone says SecurityGroupHeartbeatMissingAlarm. What is broken, and how do I fix it?',
    'how-to/alarms.md',
    '## Heartbeat missing',
    ['describe-rule', 'is disabled: enable it', 'replay.md'],
  ],
  [
    'It takes away access that production needs. How do I make it stop, now?',
    'how-to/stop.md',
    '## Stop all functions at once',
    ['within seconds', 'put-function-concurrency', 'not lost'],
  ],
  [
    'Our shop cannot reach its cache since a rule was revoked. How do I give it back?',
    'how-to/undo.md',
    '# Undo a revocation',
    ['ingress-guard undo decision.json', 'refuses', 'Bring the allowlist into force'],
  ],
  [
    'A cache was open to the internet, and the rule is revoked. Are its clients still connected?',
    'how-to/undo.md',
    '## Revoked is not disconnected',
    ['stay connected', 'CLIENT KILL', 'network ACL'],
  ],
  [
    'A message says that a grant is held. Is the cache open, and what must I decide?',
    'how-to/held.md',
    '# A grant that is held',
    ['open until someone decides', 'heldBecause'],
  ],
  [
    'HeldAlarm: an audit found 40 grants and revoked none. Is the allowlist broken, or must they go?',
    'how-to/held.md',
    '## Held: lift the limit',
    ['maxRevocations', 'a bad change of it looks just like this', '--max-revocations 40'],
  ],
  [
    'DeadLettersAlarm: what are these messages, and how do I have them handled?',
    'how-to/redrive.md',
    '# Redrive the dead-letter queue',
    ['Fix the cause first', 'ingress-guard redrive', '14 days'],
  ],
  [
    'An EventBridge rule was disabled for two hours. How do I find what was opened meanwhile?',
    'how-to/replay.md',
    '# Replay a day',
    ['start-replay', 'FilterArns', 'no archive'],
  ],
  [
    'Who opened this cache, when, and why was it denied?',
    'how-to/read-decisions.md',
    '# Read decisions',
    ['grantedBy.arn', 'decision.reasons', 'Logs Insights'],
  ],
  [
    'The same rule is back ten minutes after each revocation. Who keeps making it?',
    'how-to/tug-of-war.md',
    '# A grant that comes back',
    ['grantedBy.userAgent', 'Terraform', 'cloudformation.amazonaws.com'],
  ],
  [
    'AllowlistStaleAlarm: which allowlist decides now, and how do I repair it?',
    'how-to/alarms.md',
    '## Allowlist stale',
    ['last good allowlist', 'ingress-guard check', 'within a minute'],
  ],
  [
    'A partner needs access tonight. How do I allow it, and when does that count?',
    'how-to/change-the-allowlist.md',
    '# Change the allowlist',
    ['ingress-guard check', 'what-if', 'within a minute', 'doctor'],
  ],
];

test.each(QUESTIONS)('one page answers: %s', (_, page, heading, answer) => {
  const section = sectionOf(readFileSync(`docs/${page}`, 'utf8'), heading);

  for (const text of answer) expect(section.replaceAll(/\s+/g, ' ')).toContain(text);
});

test('each of these pages is one step from the index of the docs', () => {
  const listed = linksOf(readFileSync('docs/README.md', 'utf8'));

  for (const [question, page] of QUESTIONS) expect(listed, question).toContain(page);
});
