import { defineConfig } from 'vitest/config';

/** These judge what `serverless package` makes. It runs once before them, and not at all when none of them is run. */
const packaged = [
  'test/package.test.ts',
  'test/way-of-one-{grant,rule}.test.ts',
  'test/stack/*.test.ts',
  'test/docs/operations.test.ts',
];
const everywhere = {
  setupFiles: 'test/support/setup.ts',
  // No test is about how long something takes. These limits only end what hangs, on a machine however busy.
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: 300_000 } },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: 'parts', include: ['test/**/*.test.ts'], exclude: packaged, ...everywhere },
      },
      {
        test: {
          name: 'package',
          include: packaged,
          globalSetup: 'test/support/package-once.ts',
          fileParallelism: false,
          ...everywhere,
        },
      },
    ],
  },
});
