import { expect, test } from 'vitest';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { invokeAndMeasure } from '../support/functions/invoke-and-measure.ts';
import { eventOfAttachment, startGuardingGroup, strangers } from '../support/scripted/guarding-group.ts';

const CACHES = Array.from({ length: 500 }, (_, i) => `cache-${i}`);
const allowed = (count: number): string[] => Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}/32`);

test.each([
  { of: 'a few denied rules', ranges: [...strangers(20), ...allowed(480)], lines: { held: 10_000, allowed: 50 } },
  { of: 'denied rules alone', ranges: strangers(500), lines: { held: 250_000 } },
])(
  'an event of 500 rules and 500 caches ends within 512 MB, with a line for each denied grant: $of',
  async ({ ranges, lines }) => {
    await using group = await startGuardingGroup({ ranges, caches: () => CACHES });
    const environment = {
      ...group.environment,
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST.replace('[sessions]', "['*']")),
    };

    const ended = await invokeAndMeasure('enforce-security-group', eventOfAttachment('cache-0'), environment);

    expect(ended).toMatchObject({ exitCode: 0, complained: '', lines });
    expect(ended.outcome).toMatchObject({ outcome: 'held', grantsLeftOut: 249_950 });
    expect(ended.peakMegabytes).toBeLessThan(512);
  },
);
