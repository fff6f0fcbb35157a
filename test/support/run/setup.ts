import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, vi } from 'vitest';
import { SEED } from './seed.ts';

// Vitest runs this file before each test file. Several test files share a process, one after the other.

fc.configureGlobal({ seed: SEED });

const before = sharedState();
const folder = mkdtempSync(join(tmpdir(), 'ingress-guard-test-'));
process.env.TMPDIR = folder;

// What the first hook returns runs last, after everything with which the test file cleans up.
beforeAll(() => () => {
  const left = readdirSync(folder);
  rmSync(folder, { recursive: true });
  if (before.TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before.TMPDIR;
  const after = sharedState();
  vi.useRealTimers();
  vi.restoreAllMocks();

  expect(left, 'a test file must remove what it writes to the temporary directory').toEqual([]);
  const changed = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name]);
  expect(changed, 'a test file must restore what the next test file in the process uses').toEqual([]);
});

/** The environment variables, the working directory and the clock. */
function sharedState(): Readonly<Record<string, string | undefined>> {
  return { ...process.env, 'the working directory': process.cwd(), 'fake timers': String(vi.isFakeTimers()) };
}
