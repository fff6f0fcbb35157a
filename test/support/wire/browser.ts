import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const CHECKOUT = new URL('../../../', import.meta.url);

/**
 * Starts the Chromium that comes within the npm package @sparticuz/chromium, for Linux on x86-64. Elsewhere, CHROMIUM_PATH
 * names one that is installed.
 *
 * The flags that the package proposes are left out: they are for AWS Lambda, and they switch off what tests want to see
 * at work, such as the walls between one site and another.
 */
export async function startBrowser(): Promise<Browser> {
  // Chromium leaves files in the folder for temporary files when its processes end in another order than usual.
  const temporary = await mkdtemp(join(tmpdir(), 'browser-'));
  const browser = await launch({ ...process.env, TMPDIR: temporary });
  browser.on('disconnected', () => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 }));
  return browser;
}

async function launch(environment: NodeJS.ProcessEnv): Promise<Browser> {
  const installed = process.env.CHROMIUM_PATH;
  const variables = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined));
  if (installed) return await chromium.launch({ executablePath: installed, env: variables as Record<string, string> });
  const folder = await unpack();
  const options = {
    executablePath: `${folder}/chromium`,
    // root, as in most containers, has no sandbox; and what is loaded here is our own.
    args: ['--no-sandbox'],
    // A system without fonts gets those of the package.
    env: { ...variables, ...(existsSync('/etc/fonts') ? {} : { FONTCONFIG_FILE: `${folder}/fonts.conf` }) },
  };
  try {
    return await chromium.launch(options);
  } catch (error) {
    if (!String(error).includes('error while loading shared libraries')) throw error;
    // A system as bare as Lambda's, for which the package has these libraries.
    return await chromium.launch({ ...options, env: { ...options.env, LD_LIBRARY_PATH: `${folder}/al2023/lib` } });
  }
}

/** The folder with the unpacked Chromium: made once for an installation, also when several test files want it at once. */
async function unpack(): Promise<string> {
  const manifest = new URL('node_modules/@sparticuz/chromium/package.json', CHECKOUT);
  const { version } = JSON.parse(await readFile(manifest, 'utf8'));
  const cache = fileURLToPath(new URL('node_modules/.cache', CHECKOUT));
  const folder = `${cache}/chromium-${version}`;
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const begun = await mkdtemp(`${folder}-`);
  // The package unpacks into the folder for temporary files and takes what is there for whole; so it gets one of its own.
  const script = "import chromium from '@sparticuz/chromium'; await chromium.executablePath();";
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(CHECKOUT),
    // With this variable it unpacks the libraries too.
    env: { ...process.env, TMPDIR: begun, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' },
  });
  await writeFile(`${begun}/fonts.conf`, `<fontconfig><dir>${folder}/fonts</dir></fontconfig>\n`);
  await rename(begun, folder).catch(async (error) => {
    if (!existsSync(folder)) throw error;
    await rm(begun, { recursive: true });
  });
  return folder;
}
