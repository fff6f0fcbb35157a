import { defineConfig } from 'vitest/config';

/** These judge what `serverless package` makes. It runs once before them, and not at all when none of them is run. */
const packaged = [
  'test/package.test.ts',
  'test/way-of-one-{grant,rule}.test.ts',
  'test/stack/*.test.ts',
  'test/docs/operations.test.ts',
];
// The SDK waits seconds before it tries again; and no test is about how long something takes.
const patient = { testTimeout: 60_000, hookTimeout: 120_000, expect: { poll: { timeout: 30_000 } } };

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: 'parts', include: ['test/**/*.test.ts'], exclude: packaged, ...patient },
      },
      {
        test: {
          name: 'package',
          include: packaged,
          globalSetup: 'test/support/package-once.ts',
          fileParallelism: false,
          ...patient,
        },
      },
    ],
  },
});
