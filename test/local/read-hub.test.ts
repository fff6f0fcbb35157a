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
