import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FOUND_BY_TESTS, type FoundByTest, PLANTED } from './planted.ts';

const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const CONFIG = fileURLToPath(new URL('with-bug/vitest.config.ts', import.meta.url));

/** Runs the tests of a file that have a title, on the checkout with a bug or on the checkout itself. Gives what Vitest printed, and its exit code. */
function runTest({ bug, file, title }: FoundByTest): Promise<{ readonly exitCode: unknown; readonly output: string }> {
  const named = title.replace(/[^\w ]/g, '.');
  const argv = [VITEST, 'run', '--config', CONFIG, '--no-color', file, '--testNamePattern', named];
  const env = { ...process.env, PLANTED_BUG: bug };
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { env }, (error, stdout, stderr) =>
      resolve({ exitCode: error?.code ?? 0, output: stdout + stderr }),
    );
  });
}

describe('a bug is caught', () => {
  test('each that is planted', () => {
    const folders = readdirSync(new URL('bugs', import.meta.url));

    expect([...PLANTED, ...FOUND_BY_TESTS].map(({ bug }) => bug).sort()).toEqual(folders.sort());
  });

  test.each(FOUND_BY_TESTS)('$bug: by “$title”', async (found) => {
    const right = await runTest({ ...found, bug: 'none' });
    const wrong = await runTest(found);

    expect(right).toMatchObject({ exitCode: 0, output: expect.stringContaining('1 passed') });
    expect(wrong.exitCode).toBe(1);
    expect(wrong.output).toContain(`FAIL  ${found.file}`);
    expect(wrong.output).toContain(`> ${found.title}`);
    // Nothing but the promise of the test is broken: a bug that cannot be loaded would prove nothing.
    expect(wrong.output).toContain('AssertionError');
  });
});
