import { expect, test } from 'vitest';
import { seeGrant } from '../../../src/enforcement/look/see-grant.ts';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import { NOW } from '../../support/examples/audited.ts';
import { ACCOUNT, STRANGER, strangersGrant } from '../../support/examples/grants.ts';

test('a grant is not decided where a rule may allow it, and the organizational units of the account are not known', () => {
  const rule = { id: 'web', cacheSecurityGroups: ['*'], ec2SecurityGroups: ['*'], ownerIds: [STRANGER] };
  const rules = [{ ...rule, organizationalUnits: ['ou-ab12-11111111'] }];

  const seen = seeGrant(strangersGrant, 'authorized', new CompiledAllowlist({ version: 1, rules }), NOW);

  // No one is changing them: to wait would not help.
  expect(seen.unknown).toEqual({
    problem: expect.stringContaining(`organizational units of account ${ACCOUNT}`),
    isChanging: false,
  });
});
