import { expect, test } from 'vitest';
import { CacheIndex } from '../../../src/enforcement/cache-index.ts';
import { revocationIdOf } from '../../../src/enforcement/look/revocable.ts';
import { seeGrant } from '../../../src/enforcement/look/see-grant.ts';
import { seePublicEndpoint } from '../../../src/enforcement/look/see-public-endpoint.ts';
import { seeRule } from '../../../src/enforcement/look/see-rule.ts';
import { allowlist, NOW } from '../../support/examples/audited.ts';
import { ACCOUNT, REGION, STRANGER, strangersGrant } from '../../support/examples/grants.ts';
import { ruleWith, sessions } from '../../support/examples/security-groups.ts';

const index = new CacheIndex([sessions], NOW);
const rule = (id: string, account = ACCOUNT, region = REGION) =>
  seeRule(ruleWith({ securityGroupRuleId: id, account, region }), index, allowlist, NOW);
const endpoint = (cacheName: string, account = ACCOUNT, region = REGION) =>
  seePublicEndpoint({ account, region }, { cacheName, ports: [6379] }, allowlist, NOW);
const grant = (ec2SecurityGroupName: string, region = REGION) => {
  const source = { ...strangersGrant.source, ec2SecurityGroupName };
  return seeGrant({ ...strangersGrant, source, region }, 'authorized', allowlist, NOW);
};

test('no two grants, rules and public endpoints of all places share an id, or the outcome of one would be that of the other', () => {
  const ids = [
    ...[rule('a'), rule('b'), rule('a', STRANGER), rule('a', ACCOUNT, 'eu-west-1')],
    ...[endpoint('a'), endpoint('b'), endpoint('a', STRANGER), endpoint('a', ACCOUNT, 'eu-west-1')],
    ...[grant('a'), grant('b'), grant('a', 'eu-west-1')],
  ].map(revocationIdOf);

  expect(new Set(ids).size).toBe(ids.length);
});
