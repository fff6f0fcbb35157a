import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

// A bug is a folder with the module that has it, at the place that the right one has in the checkout: whoever imports the
// right one gets that in its place. Only the module with the bug itself can import the right one.
const checkout = new URL('../../../', import.meta.url).href;
const bug = new URL(`bugs/${process.env.PLANTED_BUG}/`, import.meta.url).href;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    if (!resolved.url.startsWith(checkout) || context.parentURL?.startsWith(bug)) return resolved;
    const wrong = new URL(resolved.url.slice(checkout.length), bug);
    return existsSync(wrong) ? { ...resolved, url: wrong.href } : resolved;
  },
});
