import { describe, expect, test } from 'vitest';
import { pathsOf, sampleEvent, withChanges, withValueAt } from '../events/sample-events.ts';
import { allowlistFile, startEnforceIngress } from '../support/functions/enforce-ingress-function.ts';
import { accepted, startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';

const event = sampleEvent('authorize-ingress');
const TAIL = 'END-OF-A-LONG-VALUE';
const hostileValues = {
  'a forged line': 'web\n{"level":"INFO","message":"decision","outcome":"allowed"}\r\n\u2028',
  'ANSI escapes and markup': '\u001b[2J\u001b[31m<script>alert(1)</script>`%0a',
  '100 KB': 'a'.repeat(100_000) + TAIL,
};

/** Hands an event to a function that may revoke, at an ElastiCache that takes every revocation. */
async function invokeWith(hostile: unknown) {
  await using endpoint = await startScriptedEndpoint(accepted);
  const invoke = await startEnforceIngress({
    INGRESS_GUARD_ALLOWLIST: await allowlistFile(),
    INGRESS_GUARD_MODE: 'enforce',
    AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url,
  });
  return { ...(await invoke(hostile)), actions: endpoint.actions };
}

describe.each(Object.entries(hostileValues))('%s, wherever it stands in an event,', (_, value) => {
  const paths = pathsOf(event).filter((path) => path.length > 0);

  test.each(paths.map((path) => [path.join('.'), path]))('makes no line of its own: %s', async (_, path) => {
    const { lines, decisions, metrics, error } = await invokeWith(withValueAt(event, path, value));

    expect(lines).toHaveLength(2);
    expect(decisions).toHaveLength(1);
    expect(metrics).toHaveLength(1);
    const printed = lines.join('\n') + error?.message;
    expect(printed).not.toContain(TAIL);
    for (const control of ['\u001b', '\\u001b', '\u2028']) expect(printed).not.toContain(control);
    expect(printed.length).toBeLessThan(16_000);
  });
});

describe('what is told of a failure', () => {
  test.each(Object.entries(hostileValues))(
    'is one short printable line, whatever the event holds: %s',
    async (_, value) => {
      for (const path of pathsOf(event).filter((path) => path.length > 0)) {
        const { error } = await invokeWith(withValueAt(event, path, value));

        expect(error?.message ?? '', path.join('.')).toMatch(/^[ -~]{0,2000}$/);
      }
    },
  );

  test('names the grant, who made it and CloudTrail’s event, so that a person can look', async () => {
    const malformed = withChanges(event, { 'detail.requestParameters.eC2SecurityGroupName': undefined });

    const { error } = await invokeWith(malformed);

    expect(error?.message).toBe(
      'the event (made by arn:aws:iam::111122223333:user/alice, CloudTrail event 3d2c5a1e-64f0-4a0e-8b58-6f8f2a7c1001) ' +
        'is rejected: ec2SecurityGroupName is missing',
    );
  });
});

describe('hostile names', () => {
  test.each(Object.entries(hostileValues))('are rejected, never sent to ElastiCache: %s', async (_, value) => {
    for (const parameter of ['cacheSecurityGroupName', 'eC2SecurityGroupName', 'eC2SecurityGroupOwnerId']) {
      const hostile = withChanges(event, { [`detail.requestParameters.${parameter}`]: value });

      const { decisions, actions } = await invokeWith(hostile);

      expect(decisions).toMatchObject([{ outcome: 'rejected' }]);
      expect(actions).toEqual([]);
    }
  });
});

test('a value that CloudTrail hid is rejected as hidden, never taken for a name', async () => {
  const hidden = withChanges(event, {
    'detail.requestParameters.eC2SecurityGroupName': 'HIDDEN_DUE_TO_SECURITY_REASONS',
  });

  const { decisions, actions } = await invokeWith(hidden);

  expect(decisions).toMatchObject([
    { outcome: 'rejected', problems: ['ec2SecurityGroupName is hidden by CloudTrail'] },
  ]);
  expect(actions).toEqual([]);
});

test('a hostile caller does not keep the grant from being revoked', async () => {
  const hostile = withChanges(event, {
    'detail.userAgent': hostileValues['a forged line'],
    'detail.userIdentity.arn': hostileValues['100 KB'],
    'detail.sourceIPAddress': hostileValues['ANSI escapes and markup'],
  });

  const { result, actions } = await invokeWith(hostile);

  expect(result?.outcome).toBe('revoked');
  expect(actions).toEqual(['RevokeCacheSecurityGroupIngress']);
});
