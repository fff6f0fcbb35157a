import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { AllowlistError, type LocatedAllowlist } from '../../src/allowlist/loaded-allowlist.ts';
import { parseAllowlistText } from '../../src/allowlist/parse-allowlist-text.ts';
import { findWarnings } from '../../src/policy/allowlist-warnings.ts';
import { decide } from '../../src/policy/decision.ts';
import { harmless, times } from '../support/fuzz.ts';
import { strangersGrant } from '../support/grants.ts';
import { hostileJson, mutatedJson, mutatedText } from '../support/hostile.ts';
import { thrownBy } from '../support/thrown-by.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const RULE = {
  id: 'web-to-sessions',
  cacheSecurityGroups: ['sessions', 'sessions-*'],
  ec2SecurityGroups: ['web', '[a-z]', '\\*?'],
  ownerIds: ['012345678901', 'self'],
};
const DOCUMENT = {
  version: 1,
  rules: [
    RULE,
    { ...RULE, id: 'b', accounts: ['1234-5678-9012'], regions: ['us-east-1'], expires: '2026-12-01', reason: 'SEC-1' },
    { ...RULE, id: 'c', cacheSecurityGroups: ['*'], ec2SecurityGroups: ['**'], ownerIds: ['*'] },
  ],
};

/** What YAML has and an allowlist has not, and what ends, begins or shifts something. */
const PIECES = [
  '&a ',
  '*a',
  '!!set ',
  '!x ',
  '? ',
  '---\n',
  '%YAML 1.1\n',
  '<<: ',
  '- ',
  ': ',
  '\n',
  '  ',
  '\t',
  '#',
  '|\n',
  '>\n',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '\\',
  '__proto__: ',
  '\uFEFF',
];

const names = fc.oneof(
  fc.constantFrom('*', '?', '\\*', 'a*b?c', '*a'.repeat(200), `${'?'.repeat(400)}*`, 'self', '2027-02-30', '__proto__'),
  hostileJson,
);
const document = fc.oneof({ weight: 4, arbitrary: mutatedJson([DOCUMENT], names) }, hostileJson);
/** As YAML in two styles, and as JSON. */
const WRITERS: readonly ((value: unknown) => string | undefined)[] = [
  stringify,
  (value) => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }),
  JSON.stringify,
];
const written = fc.tuple(document, fc.constantFrom(...WRITERS)).map(([value, write]) => write(value) ?? '');
const text = fc.oneof(
  written,
  written.chain((one) => mutatedText([one], PIECES)),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...PIECES, 'version: 1', 'rules:', '  - id: a'),
        fc.string({ unit: 'binary', maxLength: 20 }),
      ),
      { maxLength: 30 },
    )
    .map((pieces) => pieces.join('')),
);

/** Whatever is asked of an allowlist that was taken. */
function use({ allowlist, compiled, locate }: LocatedAllowlist): void {
  for (const { path, message } of findWarnings(allowlist, NOW)) {
    expect(locate(path).line).toBeGreaterThan(0);
    expect(message).toMatch(/^[ -~]{1,400}$/);
  }
  expect(['allow', 'deny']).toContain(decide(strangersGrant, compiled, NOW).effect);
}

describe('whatever the text of an allowlist is', () => {
  test('it is one, or has problems in short and printable lines', async () => {
    const seen = { taken: 0, refused: 0 };

    await fc.assert(
      fc.asyncProperty(text, (one) =>
        harmless(async () => {
          const error = thrownBy(() => use(parseAllowlistText(one, 'allowlist.yaml')));
          if (!(error instanceof AllowlistError)) {
            expect(error).toBeUndefined();
            seen.taken++;
            return;
          }
          seen.refused++;
          expect(error.problems.length).toBeGreaterThan(0);
          for (const line of error.message.split('\n')) expect(line).toMatch(/^[ -~]{1,400}$/);
        }),
      ),
      times(1_000),
    );

    expect(seen.taken).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  });
});
