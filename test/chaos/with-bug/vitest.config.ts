import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Runs tests of the checkout with a bug: what replace-modules.ts does where Node loads modules, Vitest must do itself.
const checkout = fileURLToPath(new URL('../../..', import.meta.url));
const bug = fileURLToPath(new URL(`../bugs/${process.env.PLANTED_BUG}/`, import.meta.url));

export default defineConfig({
  root: checkout,
  plugins: [
    {
      name: 'planted-bug',
      enforce: 'pre',
      async resolveId(specifier, importer) {
        const resolved = await this.resolve(specifier, importer, { skipSelf: true });
        if (resolved?.id.startsWith(checkout) !== true) return resolved;
        const wrong = `${bug}${resolved.id.slice(checkout.length)}`;
        if (!existsSync(wrong)) return resolved;
        // By another name, because Vite asks for it again without saying who imports it.
        return importer?.startsWith(bug) ? `${resolved.id}?right` : wrong;
      },
    },
  ],
  test: {
    // What is resolved otherwise must not be kept for the next run.
    fsModuleCache: false,
    include: ['test/**/*.test.ts'],
    setupFiles: 'test/support/run/setup.ts',
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
