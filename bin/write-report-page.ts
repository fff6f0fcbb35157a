// Puts the styles and the script of the audit report's page into a module, with their hashes for its content security
// policy: `npm run page`. The page is one file, and so it can be made where no files are: in a Lambda function's bundle.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const PAGE = new URL('../src/report/page/', import.meta.url);
const ASSETS = new URL('../src/report/html/page-assets.ts', import.meta.url);

/** What the module must export, for the page's sources as they are. */
export async function makePageAssets(): Promise<Record<string, string>> {
  const { outputFiles } = await build({
    entryPoints: ['main.ts', 'page.css'].map((name) => fileURLToPath(new URL(name, PAGE))),
    outdir: 'not-written',
    bundle: true,
    format: 'iife',
    target: 'es2022',
    minifySyntax: true,
    minifyWhitespace: true,
    // Escapes everything beyond ASCII, so that no encoding can change what was hashed.
    charset: 'ascii',
    legalComments: 'none',
    write: false,
  });
  const text = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? '';
  const [SCRIPT, STYLE] = [text('.js'), text('.css')];
  if (/<\/(?:script|style)|<!--/i.test(SCRIPT + STYLE)) throw new Error('this would end its element in the page');
  return { STYLE, STYLE_SHA256: sha256(STYLE), SCRIPT, SCRIPT_SHA256: sha256(SCRIPT) };
}

function sha256(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

if (import.meta.main) {
  const exported = Object.entries(await makePageAssets()).map(
    ([name, text]) => `export const ${name} = ${JSON.stringify(text)};`,
  );
  const head = [
    '// Made by bin/write-report-page.ts from src/report/page: `npm run page`.',
    "// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the page's script, as text",
  ];
  await writeFile(ASSETS, [...head, ...exported, ''].join('\n'));
}
