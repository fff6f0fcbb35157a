import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

/** A package of others that is in the bundle. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  /** Where it is installed: `node_modules/yaml`. */
  readonly path: string;
  readonly license: string;
  /** The text of its licence and notices; if it ships none, which licence it is and who the author is. */
  readonly text: string;
}

/** What the command loads by its file name, next to itself: each keeps its place below `dist/`. */
const ENTRY_POINTS = ['src/cli/main.ts', 'src/local/lambda-worker.ts', 'handlers/*.ts'];
/** A dependency of the package, which stack/spoke.cjs loads too. */
export const EXTERNAL = ['yaml'];

/**
 * Bundles the command, and the functions for its local AWS, with the packages that they import.
 *
 * @param outdir whose contents are replaced; `undefined` to write nothing.
 * @throws if something cannot be bundled.
 */
export async function bundle(outdir: string | undefined): Promise<Metafile> {
  if (outdir !== undefined) await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: ENTRY_POINTS,
    outdir: outdir ?? 'not-written',
    outbase: '.',
    write: outdir !== undefined,
    metafile: true,
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    target: 'node22.17',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: EXTERNAL,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    // For the modules of CommonJS, which ask for Node's own with `require`.
    banner: {
      js: "import { createRequire as ofModule } from 'node:module'; const require = ofModule(import.meta.url);",
    },
  });
  return metafile;
}

/** The packages of which something is in a bundle, and `more` by name, in the order of their paths, with their licences. */
export async function bundledPackages({ outputs }: Metafile, more: readonly string[] = []): Promise<Bundled[]> {
  const files = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const folders = new Set([
    ...files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
    ...more.map((name) => `node_modules/${name}`),
  ]);
  return await Promise.all(
    [...folders].sort().map(async (path) => {
      const { name, version, license, author } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
      const texts = (await readdir(path)).filter((file) => /^(?:licen[cs]e|notice|copying)\b/i.test(file)).sort();
      const read = await Promise.all(texts.map((file) => readFile(join(path, file), 'utf8')));
      const text =
        read.join('\n').trim() || `Licence ${license}, by ${author?.name ?? author}. It ships no text of it.`;
      return { name, version, path, license: String(license), text };
    }),
  );
}

/** What the licences ask of someone who passes a package on: who made it, and the text. A text that several share is there once. */
export function toNotices(all: readonly Bundled[]): string {
  const sharing = Map.groupBy(all, ({ text }) => text);
  const sections = [...sharing].map(([text, some]) => {
    const names = some.map(({ name, version, license }) => `${name} ${version} (${license})`);
    return `${names.join('\n')}\n\n${text}\n`;
  });
  const line = `\n${'-'.repeat(80)}\n\n`;
  return `Ingress Guard holds parts of these packages.\n${line}${sections.join(line)}`;
}
