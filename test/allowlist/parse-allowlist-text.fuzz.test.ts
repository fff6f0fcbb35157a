import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { AllowlistError, type LocatedAllowlist } from '../../src/allowlist/loaded-allowlist.ts';
import { parseAllowlistText } from '../../src/allowlist/parse-allowlist-text.ts';
import { findWarnings } from '../../src/policy/allowlist-warnings.ts';
import { decide } from '../../src/policy/decide.ts';
import type { Grant } from '../../src/policy/grant.ts';
import { grantsOf } from '../../src/policy/vpc/security-group-rule.ts';
import { arbitraryVpcRules } from '../policy/vpc/arbitraries.ts';
import { STRANGER, strangersGrant } from '../support/examples/grants.ts';
import { hostileJson, mutatedJson, mutatedText } from '../support/examples/hostile.ts';
import { OTHER_GROUP, ruleFrom, ruleWith, sessions } from '../support/examples/security-groups.ts';
import { harmless, times } from '../support/tools/fuzz.ts';
import { thrownBy } from '../support/tools/thrown-by.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const RULE = {
  id: 'web-to-sessions',
  cacheSecurityGroups: ['sessions', 'sessions-*'],
  ec2SecurityGroups: ['web', '[a-z]', '\\*?'],
  ownerIds: ['012345678901', 'self'],
};
const CACHES_RULE = {
  id: 'office',
  caches: ['sessions', 'carts-*'],
  cidrs: ['10.0.0.0/16', '2001:db8::/32'],
};
const DOCUMENT = {
  version: 1,
  rules: [
    RULE,
    { ...RULE, id: 'b', accounts: ['1234-5678-9012'], regions: ['us-east-1'], expires: '2026-12-01', reason: 'SEC-1' },
    { ...RULE, id: 'c', cacheSecurityGroups: ['*'], ec2SecurityGroups: ['**'], ownerIds: ['*'] },
  ],
};
const CACHES_DOCUMENT = {
  version: 1,
  rules: [
    CACHES_RULE,
    { ...CACHES_RULE, id: 'd', prefixListIds: ['pl-0a'], ports: [6379], regions: ['us-east-1'], expires: '2026-12-01' },
    { id: 'e', caches: ['*'], securityGroupIds: ['sg-0a'], ownerIds: ['1234-5678-9012', 'self'] },
    RULE,
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
  fc.constantFrom('0.0.0.0/0', '::/0', '10.0.0.0/16', '10.0.0.1/16', '010.0.0.0/8', '10.1/16', '::ffff:10.0.0.0/104'),
  fc.constantFrom('sg-0a', 'sg-*', 'sgr-0a', 'pl-0a', 'pl-', 0, 6379, 6379.5, 65_536, -1, 1e21, '6379'),
  hostileJson,
);
const document = fc.oneof(
  { weight: 4, arbitrary: mutatedJson([DOCUMENT, CACHES_DOCUMENT], names) },
  arbitraryVpcRules.map((rules) => ({ version: 1, rules })),
  hostileJson,
);
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

/** A grant of each kind. */
const GRANTS: readonly Grant[] = [
  strangersGrant,
  ...grantsOf(ruleWith(), [sessions]),
  ...grantsOf(ruleFrom({ kind: 'securityGroup', securityGroupId: OTHER_GROUP, securityGroupOwnerId: STRANGER }), [
    sessions,
  ]),
  ...grantsOf(ruleFrom({ kind: 'prefixList', prefixListId: 'pl-0a' }), [sessions]),
];

/** Whatever is asked of an allowlist that was taken. */
function use({ allowlist, compiled, locate }: LocatedAllowlist): void {
  for (const { path, message } of findWarnings(allowlist, NOW)) {
    expect(locate(path).line).toBeGreaterThan(0);
    expect(message).toMatch(/^[ -~]{1,400}$/);
  }
  for (const grant of GRANTS) {
    const decision = decide(grant, compiled, NOW);
    if (decision.effect === 'allow') expect(allowlist.rules.map(({ id }) => id)).toContain(decision.rule);
    else for (const { text } of decision.reasons) expect(text).toMatch(/^[ -~]{1,400}$/);
  }
}

describe('whatever the text of an allowlist is', () => {
  test('it is one, or has problems in short and printable lines', async () => {
    const seen = { taken: 0, takenAboutCaches: 0, refused: 0 };

    await fc.assert(
      fc.asyncProperty(text, (one) =>
        harmless(async () => {
          let taken: LocatedAllowlist | undefined;
          const error = thrownBy(() => {
            taken = parseAllowlistText(one, 'allowlist.yaml');
            use(taken);
          });
          if (!(error instanceof AllowlistError)) {
            expect(error).toBeUndefined();
            seen.taken++;
            if (taken?.allowlist.rules.some((rule) => 'caches' in rule)) seen.takenAboutCaches++;
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
    expect(seen.takenAboutCaches).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  });
});
