import { describe, expect, test } from 'vitest';
import { runServerless } from '../../../support/packaged/serverless-package.ts';

/** Of a stack trace, of the framework's lists of places in serverless.yml, and of esbuild. */
const NOT_FOR_PEOPLE = /^ +at |Cannot resolve|node_modules|esbuild|\[ERROR\]/m;

describe('serverless package', () => {
  test('is stopped by everything that is wrong at once, without a stack trace', async () => {
    const { exitCode, output } = await runServerless(
      [
        'package',
        '--stage=feature-checkout-redesign-1234',
        '--param=mod=enforce',
        '--param=mode=Enforce',
        '--param=maxRevocations=ten',
        '--param=regions=us-east1',
        '--param=shared=yes',
        '--param=allowlist=ssm:',
        '--param=alertEmail=notamail',
        '--param=reportBucket=Bad_Bucket',
        '--param=tracing',
        '--param=',
      ],
      { INGRESS_GUARD_ALLOWLIST: 'no-such-allowlist.yaml' },
    );

    expect(exitCode).toBe(1);
    expect(output.match(/^- .*$/gm)).toEqual([
      expect.stringContaining('--stage feature-checkout-redesign-1234: a stage has at most 17 characters'),
      '- --param: names no setting: write --param=NAME=VALUE',
      expect.stringContaining('--param=mod: there is no setting `mod`: did you mean `mode`?'),
      expect.stringContaining('--param=mode: `Enforce`'),
      expect.stringContaining('--param=maxRevocations: `ten`'),
      expect.stringContaining('--param=regions: `us-east1`'),
      expect.stringContaining('--param=shared: `yes`'),
      expect.stringContaining('--param=allowlist: ssm: names no parameter'),
      expect.stringContaining('--param=alertEmail: `notamail`'),
      expect.stringContaining('--param=reportBucket: `Bad_Bucket`'),
      expect.stringContaining('--param=tracing: has no value'),
      expect.stringContaining('the allowlist no-such-allowlist.yaml cannot be read'),
    ]);
    expect(output).not.toMatch(NOT_FOR_PEOPLE);
  });

  // The framework itself looks at this one, before any plugin is there.
  test('is stopped by a stage that AWS refuses, without a stack trace', async () => {
    const { exitCode, output } = await runServerless(['package', '--stage=feature_x']);

    expect(exitCode).toBe(1);
    expect(output).toContain('Stage names may contain only ASCII letters, numbers, and hyphens.');
    expect(output).not.toMatch(NOT_FOR_PEOPLE);
  });
});

/** An account that does not exist, at an address where nobody listens: whatever is asked of AWS ends here. */
const NO_AWS = {
  AWS_ACCESS_KEY_ID: 'nobody',
  AWS_SECRET_ACCESS_KEY: 'nobody',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_MAX_ATTEMPTS: '1',
};

test('serverless remove goes to AWS, however wrong settings are', async () => {
  const { output } = await runServerless(
    ['remove', '--param=mod=enforce', '--param=mode=Enforce', '--param=shared'],
    NO_AWS,
  );

  expect(output).toContain('Removing elasticache-ingress-guard from stage prod');
  expect(output).toContain('connect ECONNREFUSED 127.0.0.1:1');
  expect(output).not.toContain('settings are wrong');
});
