import { existsSync } from 'node:fs';

/** The folder of this package: the nearest one above this file with a package.json, for the sources and for `dist/`. */
export function packageRoot(): URL {
  let folder = new URL('./', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) folder = new URL('../', folder);
  return folder;
}
