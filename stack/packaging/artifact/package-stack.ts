import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Package } from './artifact.ts';

/**
 * Runs `serverless package` on this checkout with these options, and reads what it made. Never two at a time: it writes to the checkout.
 *
 * @throws with what it says if it fails.
 */
export async function packageStack(options: readonly string[]): Promise<Package> {
  const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-artifact-'));
  const serverless = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');
  // A variable would package another allowlist, which no function of the artifact reads.
  const { INGRESS_GUARD_ALLOWLIST: _, ...env } = process.env;
  try {
    await promisify(execFile)(process.execPath, [serverless, 'package', '--package', folder, ...options], { env });
    const template = JSON.parse(await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'));
    const zips = (await readdir(folder)).filter((name) => name.endsWith('.zip')).sort();
    const read = zips.map(async (name) => [basename(name, '.zip'), await readFile(join(folder, name))] as const);
    return { template, zips: new Map(await Promise.all(read)) };
  } catch (error) {
    const said = (error as { readonly stdout?: string }).stdout ?? String(error);
    throw new Error(`serverless package ${options.join(' ')} failed:\n${said}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
