import { cp, glob, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runNode } from '../commands/run-process.ts';

/** This package as it is installed: built anew, with nothing in it but what is published, apart from the checkout. */
export interface Installed extends AsyncDisposable {
  /** The file behind the command `ingress-guard`. */
  readonly command: string;
}

export async function installBuilt(): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-installed-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const { files, bin, dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
  const { exitCode, output } = await runNode(['bin/build.ts', join(folder, 'dist')]);
  if (exitCode !== 0) {
    await remove();
    throw new Error(`the build failed:\n${output}`);
  }
  for await (const file of glob(['package.json', ...files].filter((name) => name !== 'dist'))) {
    await cp(file, join(folder, file), { recursive: true });
  }
  // What npm would install with it, and no more: what else it needs must be in the build.
  await mkdir(join(folder, 'node_modules'));
  for (const name of Object.keys(dependencies)) {
    await symlink(resolve('node_modules', name), join(folder, 'node_modules', name));
  }
  return { command: join(folder, bin['ingress-guard']), [Symbol.asyncDispose]: remove };
}
