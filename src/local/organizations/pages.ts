import type { Parameters } from '../parameters.ts';
import { invalidInput } from './asking.ts';

/** Documented: 20 for each of the List operations that are here, which is also how many there are if nothing is asked. */
const MOST = 20;

/**
 * One page, in the order given.
 *
 * @throws {ApiError} InvalidInputException.
 */
export function pageOf<Item>(parameters: Parameters, items: readonly Item[], idOf: (item: Item) => string) {
  const most = readMost(parameters);
  const token = parameters.get('NextToken');
  const from = token === undefined ? 0 : items.findIndex((item) => tokenOf(idOf(item)) === token) + 1;
  if (token !== undefined && from === 0) {
    throw invalidInput('INVALID_NEXT_TOKEN', 'The NextToken is not one that a previous call answered with.');
  }
  const shown = items.slice(from, from + most);
  const last = shown.at(-1);
  return { shown, ...(from + most < items.length && last !== undefined && { NextToken: tokenOf(idOf(last)) }) };
}

function readMost(parameters: Parameters): number {
  const written = parameters.get('MaxResults') ?? String(MOST);
  const most = /^\d{1,9}$/.test(written) ? Number(written) : 0;
  if (most < 1) throw invalidInput('MIN_VALUE_EXCEEDED', 'MaxResults must be at least 1.');
  if (most > MOST) throw invalidInput('MAX_VALUE_EXCEEDED', `MaxResults must be at most ${MOST}.`);
  return most;
}

/** To a caller a token is opaque; to us it is the last id of the page before. */
function tokenOf(id: string): string {
  return Buffer.from(`after:${id}`).toString('base64');
}
