import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** A mutant is done with once a test fails, and the tests with examples are the quick ones. */
class ExamplesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification): number =>
      Number(/\.(fuzz|model|properties)\.test\.ts$/.test(moduleId));
    return files.toSorted((a, b) => isSlow(a) - isSlow(b));
  }
}

/** For the tests of what is mutated, as vitest.config.ts at the top is for all of them. */
export default defineConfig({
  test: {
    include: ['test/{policy,cloudtrail,enforcement}/**/*.test.ts'],
    env: { FUZZ_TIMES: '0.2' },
    setupFiles: 'mutation/setup.ts',
    sequence: { sequencer: ExamplesFirst },
    testTimeout: 60_000,
  },
});
