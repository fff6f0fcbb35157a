import { expect, test } from 'vitest';
import { revocationIdOf } from '../../src/enforcement/look/revocable.ts';
import { seeGrant } from '../../src/enforcement/look/see-grant.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { Grant } from '../../src/policy/grant.ts';
import { revocationIdOfGrant } from '../../src/policy/revocation-id.ts';
import { STRANGER, strangersGrant, vpcGrant } from '../support/examples/grants.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const RANGE = { kind: 'cidr', cidr: '10.0.0.0/16' } as const;
const NOBODY = new CompiledAllowlist({ version: 1, rules: [] });

test('a grant of a cache security group has the id by which it is planned and revoked', () => {
  const seen = seeGrant(strangersGrant, 'authorized', NOBODY, NOW);

  expect(revocationIdOfGrant(strangersGrant)).toBe(revocationIdOf(seen));
});

test('grants of one rule have one id, and those of another rule, account or region another', () => {
  const grant = vpcGrant(RANGE);
  const others = [
    { ...grant, account: STRANGER },
    { ...grant, region: 'eu-west-1' },
    vpcGrant(RANGE, { securityGroupRuleId: 'sgr-0f' }),
  ];

  const alike = vpcGrant(RANGE, { cacheName: 'carts' });

  expect(revocationIdOfGrant(alike)).toBe(revocationIdOfGrant(grant));
  expect(new Set([grant, ...others].map(revocationIdOfGrant)).size).toBe(4);
});

test('the grant of a public endpoint has the id of no revocation, its own for each cache, account and region', () => {
  const target = { cacheName: 'sessions', ports: [6379] };
  const grant: Grant = { ...vpcGrant(RANGE), target, source: { kind: 'internet' } };
  const others: Grant[] = [
    { ...grant, account: STRANGER },
    { ...grant, region: 'eu-west-1' },
    { ...grant, target: { ...target, cacheName: 'carts' } },
    vpcGrant(RANGE),
  ];

  const onAnotherPort: Grant = { ...grant, target: { ...target, ports: [6380] } };

  expect(revocationIdOfGrant(onAnotherPort)).toBe(revocationIdOfGrant(grant));
  expect(new Set([grant, ...others].map(revocationIdOfGrant)).size).toBe(5);
});
