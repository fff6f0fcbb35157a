// Builds the part of the package that is made from the sources: `npm run build`. `node bin/build.ts FOLDER` builds elsewhere.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bundled, bundle, bundledPackages } from './bundle.ts';

const [outdir = 'dist'] = process.argv.slice(2);

const packages = await bundledPackages(await bundle(outdir));
await writeFile(join(outdir, 'THIRD-PARTY-NOTICES.txt'), toNotices(packages));
// npm's cache may have links to it that npx made before there was a bin/, and npx goes on using these.
await chmod(join(outdir, 'src/cli/main.js'), 0o755);

/** What the licences ask of someone who passes a package on: who made it, and the text. A text that several share is there once. */
function toNotices(all: readonly Bundled[]): string {
  const sharing = Map.groupBy(all, ({ text }) => text);
  const sections = [...sharing].map(([text, some]) => {
    const names = some.map(({ name, version, license }) => `${name} ${version} (${license})`);
    return `${names.join('\n')}\n\n${text}\n`;
  });
  const line = `\n${'-'.repeat(80)}\n\n`;
  return `Ingress Guard holds parts of these packages.\n${line}${sections.join(line)}`;
}
