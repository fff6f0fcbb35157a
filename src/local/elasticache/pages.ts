import { invalid, type Parameters } from '../parameters.ts';

/**
 * The name after which the page begins that a call asks for; empty for the first page.
 *
 * @param marker the parameter that says it: `Marker`, or `NextToken`.
 * @throws {ApiError} InvalidParameterValue if it is not what an answer gave.
 */
export function readMarker(parameters: Parameters, marker: string): string {
  const written = parameters.get(marker);
  if (written === undefined) return '';
  const name = /^after:([a-z0-9-]{1,255})$/.exec(Buffer.from(written, 'base64url').toString('utf8'))?.[1];
  if (name === undefined || encodeMarker(name) !== written) {
    throw invalid(marker, written, 'it is not one that an answer gave');
  }
  return name;
}

/** The first of these, and the marker of the page after them if there are more. */
export function firstOf<Item>(items: readonly Item[], most: number, nameOf: (item: Item) => string) {
  const shown = items.slice(0, most);
  const last = shown.at(-1);
  return { shown, next: items.length > most && last !== undefined ? encodeMarker(nameOf(last)) : undefined };
}

// To a caller a marker is opaque; to us it is the last name of the page before, so that a page never shows a thing twice
// or leaves one out because another came or went in between.
function encodeMarker(name: string): string {
  return Buffer.from(`after:${name}`).toString('base64url');
}
