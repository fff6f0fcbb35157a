// Builds the part of the package that is made from the sources: `npm run build`. `node bin/build.ts FOLDER` builds elsewhere.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle, bundledPackages, toNotices } from './bundle.ts';

const [outdir = 'dist'] = process.argv.slice(2);

const packages = await bundledPackages(await bundle(outdir));
await writeFile(join(outdir, 'THIRD-PARTY-NOTICES.txt'), toNotices(packages));
// npm's cache may have links to it that npx made before there was a bin/, and npx goes on using these.
await chmod(join(outdir, 'src/cli/main.js'), 0o755);
