import { PAGE, SCRIPT, STYLE } from './page-assets.ts';

/** One file of the page, with what it is served as. */
export interface PageFile {
  readonly contentType: string;
  readonly contents: Buffer;
}

/** The files of the page by the path they are served at. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const file = (text: string, contentType: string): PageFile => ({
    contentType: `${contentType}; charset=utf-8`,
    contents: Buffer.from(text),
  });
  return new Map([
    ['/', file(PAGE, 'text/html')],
    ['/console/console.css', file(STYLE, 'text/css')],
    ['/console/console.js', file(SCRIPT, 'text/javascript')],
  ]);
}
