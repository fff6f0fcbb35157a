import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLASSIC_SAMPLE_NAMES, sampleEvent, withChanges } from '../events/sample-events.ts';
import { ACCOUNT } from '../support/examples/grants.ts';
import { FORGED, hostileJson, mutatedJson, SECRET, TAIL, withSecret } from '../support/examples/hostile.ts';
import { allowlistFile, startEnforceIngress } from '../support/functions/enforce-ingress-function.ts';
import { accepted, startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';
import { harmless, times } from '../support/tools/fuzz.ts';

const SAMPLES = CLASSIC_SAMPLE_NAMES.map(sampleEvent);
const ALLOWED = withChanges(sampleEvent('authorize-ingress'), {
  'detail.requestParameters.eC2SecurityGroupOwnerId': ACCOUNT,
});
const event = fc.oneof({ weight: 4, arbitrary: mutatedJson([...SAMPLES, ALLOWED]).chain(withSecret) }, hostileJson);

test('whatever event comes, the function has one outcome, and prints its lines and nothing of the event that nobody needs', async () => {
  await using endpoint = await startScriptedEndpoint(accepted);
  const invoke = await startEnforceIngress({
    INGRESS_GUARD_ALLOWLIST: await allowlistFile(),
    INGRESS_GUARD_MODE: 'enforce',
    AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url,
  });
  const seen = new Set<unknown>();

  await fc.assert(
    fc.asyncProperty(event, (one) =>
      harmless(async () => {
        const { result, error, lines, decisions, metrics } = await invoke(one);

        expect([lines, decisions, metrics].map(({ length }) => length)).toEqual([2, 1, 1]);
        const outcome = decisions[0]?.outcome;
        seen.add(outcome);
        if (error === undefined) expect(result?.outcome).toBe(outcome);
        else expect(error.name).toBe(outcome === 'rejected' ? 'RejectedEventError' : 'EnforcementFailedError');
        const printed = [...lines, String(error)].join('\n');
        expect(printed).toMatch(/^[ -~\n]*$/);
        for (const never of [TAIL, SECRET, `\n${FORGED}`, '\\u00', '\\u20']) expect(printed).not.toContain(never);
        expect(printed.length).toBeLessThan(16_000);
      }),
    ),
    times(500),
  );

  expect([...seen].sort()).toEqual(['allowed', 'ignored', 'rejected', 'revoked']);
});
