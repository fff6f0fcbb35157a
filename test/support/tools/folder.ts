import { renameSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder with these files, gone when the test is over; gives the path of each. */
export async function folderWith<Name extends string>(
  files: Readonly<Record<Name, string | Buffer>>,
): Promise<Record<Name, string> & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const paths: Record<string, string> = {};
  for (const [name, contents] of Object.entries<string | Buffer>(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, contents);
    paths[name] = path;
  }
  return { ...(paths as Record<Name, string>), folder };
}

/** Gives a file other contents, in one instant: who reads it gets the old ones or the new. */
export function replaceFile(file: string, contents: string): void {
  writeFileSync(`${file}.new`, contents);
  renameSync(`${file}.new`, file);
}
