// Puts the styles and scripts of the pages into modules: `npm run page`. The audit's report is one file, and so it can be made where
// no files are: in a Lambda function's bundle. Its hashes are for its content security policy. The console of the local AWS
// comes with the package in the same way.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const REPORT = new URL('../src/report/page/', import.meta.url);
const CONSOLE = new URL('../src/local/console/page/', import.meta.url);

/** What the module with the report's page must export, for the page's sources as they are. */
export async function makeReportAssets(): Promise<Record<string, string>> {
  const { SCRIPT, STYLE } = await bundle(REPORT);
  if (/<\/(?:script|style)|<!--/i.test(SCRIPT + STYLE)) throw new Error('this would end its element in the page');
  return { STYLE, STYLE_SHA256: sha256(STYLE), SCRIPT, SCRIPT_SHA256: sha256(SCRIPT) };
}

/** What the module with the console's page must export, for the page's sources as they are. */
export async function makeConsoleAssets(): Promise<Record<string, string>> {
  const PAGE = await readFile(new URL('console.html', CONSOLE), 'utf8');
  return { PAGE, ...(await bundle(CONSOLE)) };
}

async function bundle(folder: URL): Promise<{ readonly STYLE: string; readonly SCRIPT: string }> {
  const { outputFiles } = await build({
    entryPoints: ['main.ts', 'page.css'].map((name) => fileURLToPath(new URL(name, folder))),
    outdir: 'not-written',
    bundle: true,
    format: 'iife',
    // The report says which browsers can open it.
    target: ['es2022', 'chrome110', 'firefox113', 'safari16.4'],
    minifySyntax: true,
    minifyWhitespace: true,
    // Escapes everything beyond ASCII, so that no encoding can change what was hashed.
    charset: 'ascii',
    legalComments: 'none',
    write: false,
  });
  const text = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? '';
  return { STYLE: text('.css'), SCRIPT: text('.js') };
}

function sha256(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

async function write(file: string, from: string, assets: Readonly<Record<string, string>>): Promise<void> {
  const head = [
    `// Made by bin/write-pages.ts from ${from}: \`npm run page\`.`,
    "// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the page's script, as text",
  ];
  const exported = Object.entries(assets).map(([name, text]) => `export const ${name} = ${JSON.stringify(text)};`);
  await writeFile(new URL(`../${file}`, import.meta.url), [...head, ...exported, ''].join('\n'));
}

if (import.meta.main) {
  await write('src/report/html/page-assets.ts', 'src/report/page', await makeReportAssets());
  await write('src/local/console/page-assets.ts', 'src/local/console/page', await makeConsoleAssets());
}
