import { ApiError } from '../api-error.ts';
import { type Parameters, readInteger } from '../parameters.ts';
import { shown } from '../shown.ts';
import { compileWildcard } from '../wildcard.ts';
import { readItems, readValues } from './query-lists.ts';

/** What all the Describe operations of EC2 have in common. */
export const DESCRIBE_PARAMETERS = ['Filter.', 'MaxResults', 'NextToken'];

/** For each filter that an operation has: the values that something has for it. */
export type FilterFields<Item> = Readonly<Record<string, (item: Item) => readonly string[]>>;

interface Describable<Item> {
  /** In what the ids are unlike; the items are shown in order of it. */
  readonly idOf: (item: Item) => string;
  readonly fields: FilterFields<Item>;
  /** Of what can have tags: then the filters `tag:KEY` and `tag-key` are known. */
  readonly tagsOf?: (item: Item) => ReadonlyMap<string, string>;
  /** How many a page can have, and has if nothing is asked; 5 to 1000, and all, if not given. */
  readonly sizes?: { readonly least: number; readonly most: number; readonly otherwise: number };
}

/** One page of what a Describe operation found. */
export interface Page<Item> {
  readonly shown: readonly Item[];
  readonly nextToken: string | undefined;
}

/**
 * The items that pass all filters (of one filter any value will do), a page of them.
 *
 * @throws {ApiError} InvalidParameterValue, or InvalidPaginationToken.
 */
export function describePage<Item>(
  parameters: Parameters,
  items: readonly Item[],
  { idOf, fields, tagsOf, sizes = { least: 5, most: 1000, otherwise: Number.POSITIVE_INFINITY } }: Describable<Item>,
): Page<Item> {
  const most = readInteger(parameters, 'MaxResults', sizes.least, sizes.most, sizes.otherwise);
  const token = parameters.get('NextToken');
  const after = token === undefined ? '' : decodeToken(token);
  const filters = readItems(parameters, 'Filter').map((filter) => toTest(filter, fields, tagsOf));
  const found = items
    .filter((item) => filters.every((passes) => passes(item)) && idOf(item) > after)
    .sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const page = found.slice(0, most);
  const last = page.at(-1);
  return { shown: page, nextToken: found.length > most && last !== undefined ? encodeToken(idOf(last)) : undefined };
}

function toTest<Item>(
  filter: Parameters,
  fields: FilterFields<Item>,
  tagsOf: Describable<Item>['tagsOf'],
): (item: Item) => boolean {
  const name = filter.get('Name') ?? '';
  const field = Object.hasOwn(fields, name) ? fields[name] : tagsOf && tagField(name, tagsOf);
  // Seen in public reports.
  if (field === undefined) throw new ApiError('InvalidParameterValue', `The filter '${shown(name)}' is invalid`);
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
  const values = readValues(filter, 'Value').map(compileWildcard);
  if (values.length === 0) {
    throw new ApiError('InvalidParameterValue', `The filter '${name}' needs at least one value`);
  }
  return (item) => field(item).some((value) => values.some((matches) => matches(value)));
}

function tagField<Item>(
  name: string,
  tagsOf: NonNullable<Describable<Item>['tagsOf']>,
): ((item: Item) => readonly string[]) | undefined {
  if (name === 'tag-key') return (item) => [...tagsOf(item).keys()];
  const [, key] = /^tag:(.+)$/s.exec(name) ?? [];
  return key === undefined ? undefined : (item) => [tagsOf(item).get(key) ?? []].flat();
}

// To a caller a token is opaque; to us it is the last id of the page before, so that a page never shows anything twice or
// leaves it out because something else came or went in between.
function encodeToken(id: string): string {
  return Buffer.from(`after:${id}`).toString('base64url');
}

function decodeToken(token: string): string {
  const id = /^after:([a-z]+-(?:[0-9a-f]{8}|[0-9a-f]{17})(?: .{1,128})?)$/s.exec(
    Buffer.from(token, 'base64url').toString('utf8'),
  )?.[1];
  if (id === undefined || encodeToken(id) !== token) {
    throw new ApiError('InvalidPaginationToken', 'The specified pagination token is invalid or has expired.');
  }
  return id;
}
