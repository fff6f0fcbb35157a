import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * A mutant is done with once a test fails. That is soon in the tests that are called what was mutated, and late in those that
 * try many inputs.
 */
class LikeliestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // Where Stryker's plugin puts the file that was mutated.
    const [mutated = ''] = this.ctx.config.related ?? [];
    const name = basename(mutated, '.ts');
    const turnOf = ({ moduleId }: TestSpecification): number => {
      if (basename(moduleId).startsWith(name)) return 0;
      return /\.(fuzz|model|properties)\.test\.ts$/.test(moduleId) ? 2 : 1;
    };
    return files.toSorted((a, b) => turnOf(a) - turnOf(b));
  }
}

/** For the tests of what is mutated, as vitest.config.ts at the top is for all of them. */
export default defineConfig({
  test: {
    include: ['test/{policy,cloudtrail,enforcement}/**/*.test.ts'],
    // Instrumented, the first takes more than a minute, and each mutant would wait for it. The second is the longest of all without it.
    exclude: ['test/**/*.load.test.ts', 'test/enforcement/security-group-interleavings.model.test.ts'],
    // As at the top: to load the imports of each test file again took most of the time of a mutant.
    isolate: false,
    env: { FUZZ_TIMES: '0.2' },
    setupFiles: 'test/mutation/setup.ts',
    sequence: { sequencer: LikeliestFirst },
    testTimeout: 60_000,
  },
});
