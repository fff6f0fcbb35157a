/** Mutation testing: `npm run mutate`. What it found, and what of it is left: docs/explanation/reliability.md. */
export default {
  mutate: ['src/{policy,cloudtrail,enforcement}/**/*.ts'],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  // Processes, as npm test has them: in a thread the stack is larger, and a test is about its end.
  vitest: { configFile: 'test/mutation/vitest.config.ts', pool: 'forks' },
  // None there is. Stryker would read it through the TypeScript compiler's API, which TypeScript 7 does not have.
  tsconfigFile: 'none',
  concurrency: 2,
  // On top of half as long again as the tests took before: what is slow on a busy machine is not killed yet.
  timeoutMS: 10_000,
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: 'test/mutation/reports/mutation.html' },
  jsonReporter: { fileName: 'test/mutation/reports/mutation.json' },
  incrementalFile: 'test/mutation/reports/incremental.json',
  tempDirName: 'test/mutation/sandbox',
  cleanTempDir: 'always',
};
