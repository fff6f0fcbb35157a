import { expect, test } from 'vitest';
import { revocationIdOf } from '../../src/enforcement/look/revocable.ts';
import { seeGrant } from '../../src/enforcement/look/see-grant.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import { revocationIdOfGrant } from '../../src/policy/revocation-id.ts';
import { STRANGER, strangersGrant, vpcGrant } from '../support/examples/grants.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const NOBODY = new CompiledAllowlist({ version: 1, rules: [] });

test('a grant of a cache security group has the id by which it is planned and revoked', () => {
  const seen = seeGrant(strangersGrant, 'authorized', NOBODY, NOW);

  expect(revocationIdOfGrant(strangersGrant)).toBe(revocationIdOf(seen));
});

test('grants of one rule have one id, and those of another rule, account or region another', () => {
  const grant = vpcGrant({ kind: 'cidr', cidr: '10.0.0.0/16' });
  const others = [
    { ...grant, account: STRANGER },
    { ...grant, region: 'eu-west-1' },
    vpcGrant({ kind: 'cidr', cidr: '10.0.0.0/16' }, { securityGroupRuleId: 'sgr-0f' }),
  ];

  const alike = vpcGrant({ kind: 'cidr', cidr: '10.0.0.0/16' }, { cacheName: 'carts' });

  expect(revocationIdOfGrant(alike)).toBe(revocationIdOfGrant(grant));
  expect(new Set([grant, ...others].map(revocationIdOfGrant)).size).toBe(4);
});
