import { readFileSync } from 'node:fs';
import { packageRoot } from '../package-root.ts';

/** One file of the page, with what it is served as. */
export interface PageFile {
  readonly contentType: string;
  readonly contents: Buffer;
}

// The page's files are no part of the build: they are with the sources, also when this file runs from dist/.
const FOLDER = new URL('src/local/console/', packageRoot());

const STYLES = ['console.css', 'decisions.css'];
const SCRIPTS = ['console.js', 'decisions.js', 'elements.js', 'form.js', 'groups.js', 'time-line.js'];

/** The files of the page by the path they are served at. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const read = (name: string, contentType: string): PageFile => ({
    contentType: `${contentType}; charset=utf-8`,
    contents: readFileSync(new URL(name, FOLDER)),
  });
  return new Map([
    ['/', read('console.html', 'text/html')],
    ...STYLES.map((name): [string, PageFile] => [`/console/${name}`, read(name, 'text/css')]),
    ...SCRIPTS.map((name): [string, PageFile] => [`/console/${name}`, read(name, 'text/javascript')]),
  ]);
}
