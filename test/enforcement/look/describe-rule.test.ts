import { expect, test } from 'vitest';
import { CacheIndex } from '../../../src/enforcement/cache-index.ts';
import { describeUnknown } from '../../../src/enforcement/look/describe-rule.ts';
import { UNNAMED } from '../../../src/enforcement/look/group-names.ts';
import { seeRule } from '../../../src/enforcement/look/see-rule.ts';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import type { VpcSource } from '../../../src/policy/vpc/source.ts';
import { ACCOUNT } from '../../support/examples/grants.ts';
import { GROUP, OTHER_GROUP, RULE, ruleFrom, sessions } from '../../support/examples/security-groups.ts';

const now = new Date('2026-11-23T12:00:00Z');
const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [
    { id: 'web', caches: ['sessions'], securityGroupNames: ['web'] },
    { id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/8'] },
  ],
});
const PROBLEM = 'the names of security groups could not be asked for: Rate exceeded';

/** How a rule from this source is described, of which something is not known, where the names of groups could not be asked for. */
function describeFrom(source: VpcSource) {
  const seen = seeRule(ruleFrom(source), new CacheIndex([sessions], now), allowlist, now);
  return describeUnknown(seen, { ...UNNAMED, problem: PROBLEM });
}

test('a rule that lets a security group in is described with why the names are not known', () => {
  const source = { kind: 'securityGroup', securityGroupId: OTHER_GROUP, securityGroupOwnerId: ACCOUNT } as const;

  expect(describeFrom(source)).toEqual({
    what: `rule ${RULE} of security group ${GROUP}`,
    why: expect.stringMatching(/^the name of security group sg-\w+ is not known: .* \(the names .*: Rate exceeded\)$/),
  });
});

test('a rule that lets a prefix list in is described by what is not known of the list: it has no name to ask for', () => {
  expect(describeFrom({ kind: 'prefixList', prefixListId: 'pl-0a' })).toEqual({
    what: `rule ${RULE} of security group ${GROUP}`,
    why: 'the entries of its prefix list were not read',
  });
});
