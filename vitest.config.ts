import { defineConfig } from 'vitest/config';

/** These judge what `serverless package` makes. It runs once before them, and not at all when none of them is run. */
const packaged = [
  'test/{package,packaging}.test.ts',
  'test/way-of-one-{grant,rule}.test.ts',
  'test/stack/*.test.ts',
  'test/docs/operations.test.ts',
];

/** These run the command as it is installed. It is built once before them. */
const installed = [
  'test/cli/{audit-installed,built-binary,local-installed,replay-memory}.test.ts',
  'test/examples/allowlist-check.test.ts',
];

const everywhere = {
  setupFiles: 'test/support/setup.ts',
  // No test is about how long something takes. These limits only end what hangs, on a machine however busy.
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: 300_000 } },
  // In a process of its own each file would load the SDK again, which is half of all the work. setup.ts holds that no file
  // leaves a trace for the next one in its process.
  isolate: false,
  restoreMocks: true,
  // Vitest leaves one processor idle, which is every second one where there are two.
  maxWorkers: '100%',
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...everywhere,
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [...packaged, ...installed],
        },
      },
      { test: { ...everywhere, name: 'installed', include: installed, globalSetup: 'test/support/install-once.ts' } },
      {
        test: {
          ...everywhere,
          name: 'package',
          include: packaged,
          globalSetup: 'test/support/package-once.ts',
          maxWorkers: 1,
          // After the others, which have another number of workers.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
