import { expect, test } from 'vitest';
import { runNode } from '../support/commands/run-process.ts';

test('the first minute shows every step of the main job, finds each claim true and ends well', async () => {
  const { exitCode, output } = await runNode(['examples/first-minute.ts']);

  expect(output).toMatch(/outcomes: pending, revoked, allowed, already-gone, rejected\n/);
  for (const outcome of ['allowed', 'revoked', 'pending', 'already-gone', 'rejected'])
    expect(output).toContain(`-> ${outcome}`);
  expect(output).toContain('rule `web-to-sessions` allows it');
  expect(output).toContain('✓ ElastiCache does not list it any more');
  expect(output).toContain('✓ after three tries it is in the dead-letter queue');
  expect(exitCode).toBe(0);
});
