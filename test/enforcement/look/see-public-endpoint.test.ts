import { describe, expect, test } from 'vitest';
import { seePublicEndpoint } from '../../../src/enforcement/look/see-public-endpoint.ts';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import { NOW } from '../../support/examples/audited.ts';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';

const place = { account: ACCOUNT, region: REGION };
const target = { cacheName: 'open', ports: [6379, 6380] };
const meant = { id: 'meant', caches: ['open'], publicEndpoint: true } as const;
const seen = (...rules: ConstructorParameters<typeof CompiledAllowlist>[0]['rules']) =>
  seePublicEndpoint(place, target, new CompiledAllowlist({ version: 1, rules }), NOW);

describe('the public endpoint of a cache', () => {
  test('is a grant of all its ports to the internet, in the place of the cache', () => {
    expect(seen(meant)).toEqual({
      kind: 'public',
      place,
      cacheName: 'open',
      isDenied: false,
      grants: [
        {
          grant: { kind: 'vpc', ...place, target, source: { kind: 'internet' } },
          status: 'listed',
          decision: { effect: 'allow', rule: 'meant' },
        },
      ],
    });
  });

  test('is denied where no rule allows public endpoints, however wide its ranges', () => {
    const { isDenied, unknown } = seen({ id: 'wide', caches: ['*'], cidrs: ['0.0.0.0/0', '::/0'] });

    expect({ isDenied, unknown }).toEqual({ isDenied: true, unknown: undefined });
  });

  test('is not decided where a rule may allow it, and the organizational units of the account are not known', () => {
    const { isDenied, unknown } = seen({ ...meant, organizationalUnits: ['ou-ab12-11111111'] });

    // No one is changing them: to wait would not help.
    expect({ isDenied, unknown }).toEqual({
      isDenied: true,
      unknown: { problem: expect.stringContaining(`organizational units of account ${ACCOUNT}`), isChanging: false },
    });
  });
});
