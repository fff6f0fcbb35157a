import { existsSync } from 'node:fs';

/** The folder of this package: the nearest one above this file with a package.json, for the sources and for `dist/`. */
export function packageRoot(): URL {
  let folder = new URL('./', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) folder = new URL('../', folder);
  return folder;
}

/** Where code is that is loaded by its file name, in folders like those of the sources. */
export interface LoadedCode {
  readonly folder: URL;
  /** Of its files. */
  readonly extension: '.ts' | '.js';
}

/** Sources load sources; what is built of them, in which this file is a part of another one, loads what is built. */
export function loadedCode(): LoadedCode {
  return import.meta.url.endsWith('.ts')
    ? { folder: packageRoot(), extension: '.ts' }
    : { folder: new URL('dist/', packageRoot()), extension: '.js' };
}
