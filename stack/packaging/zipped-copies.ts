import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Removes, when this process ends, the copies of the bundles that serverless-esbuild leaves in the temporary directory, such
 * as `enforceIngress-4657-1795891265664-2adae37d`. serverless-esbuild 1.57.2 copies what it zips into such a folder, tries to
 * remove the folder as if it were empty, and ignores that this fails (`safeFileRemove` in its dist/utils/effect-fs.js).
 */
export function removeZippedCopiesAtExit(): void {
  if (!process.listeners('exit').includes(removeZippedCopies)) process.once('exit', removeZippedCopies);
}

function removeZippedCopies(): void {
  const ours = new RegExp(`-${process.pid}-\\d{13}-[0-9a-f]{8}$`);
  for (const name of readdirSync(tmpdir())) {
    if (ours.test(name)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}
