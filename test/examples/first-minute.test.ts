import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runNode } from '../support/commands/run-process.ts';
import { blocksOf } from '../support/tools/markdown.ts';

test('the first minute shows every step of the main job, finds each claim true and ends well', async () => {
  const { exitCode, output } = await runNode(['examples/first-minute.ts']);

  expect(output).toMatch(/outcomes: pending, revoked, allowed, already-gone, rejected\n/);
  for (const outcome of ['allowed', 'revoked', 'pending', 'already-gone', 'rejected'])
    expect(output).toContain(`-> ${outcome}`);
  expect(output).toContain('rule `web-to-sessions` allows it');
  expect(output).toContain('✓ ElastiCache does not list it any more');
  expect(output).toContain('✓ after three tries it is in the dead-letter queue');
  expect(exitCode).toBe(0);
  expect(output).not.toMatch(/\b(lets?|let) .*\bin(to)?\b|\b(nobody|whoever|told)\b/i);
  const block = blocksOf(readFileSync('README.md', 'utf8')).find(({ text }) => text.startsWith('2. '));
  // How long something takes is different each time.
  const shown = block?.text.split('\n').filter((line) => !/ ms /.test(line)) ?? [];
  expect(shown.length).toBeGreaterThan(8);
  for (const line of shown) expect(output).toContain(line);
});
