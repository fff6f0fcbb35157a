import { expect, test } from 'vitest';
import { readHub } from '../../src/local/read-hub.ts';
import { REGION } from '../support/examples/grants.ts';

test('the functions of a hub have the time that the stack gives them, or that it gives all', async () => {
  const settings = { mode: 'enforce', allowlist: 'allowlist.yaml', regions: REGION } as const;

  const { functions } = await readHub(
    '.',
    { ...settings, organization: 'o-localaws01', organizationalUnits: 'r-root' },
    REGION,
  );

  expect(Object.fromEntries(Object.entries(functions).map(([name, { timeout }]) => [name, timeout]))).toEqual({
    enforceIngress: 60,
    enforceSecurityGroup: 120,
    listTargets: 120,
    judgeAccount: 900,
    actAccount: 900,
    closeRun: 300,
  });
});

test.each([
  ['', '', 300],
  ['true', 'ingress-guard-local', 900],
])(
  'the function that closes runs gets what the setting securityHub asks for: %j',
  async (securityHub, generator, time) => {
    const settings = { mode: 'enforce', allowlist: 'allowlist.yaml', regions: REGION, securityHub } as const;
    const organization = { organization: 'o-localaws01', organizationalUnits: 'r-root' };

    const { functions, template } = await readHub('.', { ...settings, ...organization }, REGION);

    expect(functions.closeRun?.timeout).toBe(time);
    const Variables = { INGRESS_GUARD_SECURITY_HUB: generator, INGRESS_GUARD_FINDINGS_ROLE: 'ingress-guard-findings' };
    expect(template.Resources.CloseRunLambdaFunction?.Properties).toMatchObject({ Environment: { Variables } });
  },
);
