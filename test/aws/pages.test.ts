import { describe, expect, test } from 'vitest';
import { pagesToTheEnd } from '../../src/aws/pages.ts';
import { collect } from '../support/tools/collect.ts';

/** Pages as a paginator gives them: each with what the one before it said comes next, as long as that is something. */
async function* paginate(
  nextAfter: (page: number) => string | undefined,
): AsyncGenerator<{ next: string | undefined; items: readonly string[] }> {
  for (let page = 1; ; page++) {
    const next = nextAfter(page);
    yield { next, items: [`${next} is next`] };
    if (!next) return;
  }
}

const list = (nextAfter: (page: number) => string | undefined) =>
  collect(pagesToTheEnd(paginate(nextAfter), 'items', 'next'));

describe('a listing', () => {
  test.each([1, 2, 3, 100])('of %i pages is given page by page, to its end', async (count) => {
    const pages = await list((page) => (page < count ? `${page}` : undefined));

    expect(pages).toHaveLength(count);
  });

  test('ends with a page that names an empty next one', async () => {
    expect(await list((page) => (page < 3 ? `${page}` : ''))).toHaveLength(3);
  });

  test.each([
    ['the same next page again and again', () => 'a'],
    ['two next pages in turn', (page: number) => 'ab'[page % 2]],
    ['a circle of next pages, after some others', (page: number) => (page < 10 ? `${page}` : 'abcdefg'[page % 7])],
  ])('that names %s is an error', async (_, nextAfter) => {
    await expect(list(nextAfter)).rejects.toThrow(
      'the listing does not end: it names a next page that it has named before',
    );
  });

  test('ends at the first repetition: no page is given twice', async () => {
    const given: unknown[] = [];
    const pages = pagesToTheEnd(
      paginate((page) => 'abc'[(page - 1) % 3]),
      'items',
      'next',
    );

    const reading = (async () => {
      for await (const items of pages) given.push(...items);
    })();

    await expect(reading).rejects.toThrow('the listing does not end');
    expect(given).toEqual(['a is next', 'b is next', 'c is next']);
  });

  test('of empty pages, each with another next one, is an error', async () => {
    async function* emptyPages() {
      for (let page = 1; ; page++) yield { next: `${page}`, items: [] };
    }

    await expect(collect(pagesToTheEnd(emptyPages(), 'items', 'next'))).rejects.toThrow(
      'the listing does not end: it gave more than 1000 empty pages in a row',
    );
  });

  test('throws what the paginator throws', async () => {
    const listing = list((page) => {
      if (page === 3) throw new Error('Throttling');
      return `${page}`;
    });

    await expect(listing).rejects.toThrow('Throttling');
  });
});
