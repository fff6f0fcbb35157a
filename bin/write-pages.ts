// Puts the styles and the script of the audit's report into a module: `npm run page`. The report is one file, and so it can be made where
// no files are: in a Lambda function's bundle. The hashes are for its content security policy.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const REPORT = new URL('../src/report/page/', import.meta.url);

/** What the module with the report's page must export, for the page's sources as they are. */
export async function makeReportAssets(): Promise<Record<string, string>> {
  const { SCRIPT, STYLE } = await bundle(REPORT);
  if (/<\/(?:script|style)|<!--/i.test(SCRIPT + STYLE)) throw new Error('this would end its element in the page');
  return { STYLE, STYLE_SHA256: sha256(STYLE), SCRIPT, SCRIPT_SHA256: sha256(SCRIPT) };
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
}
