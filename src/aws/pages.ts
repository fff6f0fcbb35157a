import { setImmediate as nextTurn } from 'node:timers/promises';

/** AWS gives empty pages, and no one has seen so many in a row. */
const MOST_EMPTY_PAGES = 1000;

/**
 * What a listing lists, page by page, as the SDK's paginators give it. A listing that names a next page for the second time
 * never ends, and so does one of empty pages: that is an error. AWS does not do so; a broken endpoint in its place may. To stop without an error would report
 * half of a listing as all of it.
 *
 * @param items the member of a page that has what is listed. Every page has it: see `requireAnswers`.
 * @param next the member that has the token of the next page; undefined or empty on the last page.
 * @throws what the paginator throws, and an error when the listing repeats itself.
 */
export async function* pagesToTheEnd<Page, Items extends keyof Page>(
  pages: AsyncIterable<Page>,
  items: Items,
  next: keyof Page,
): AsyncGenerator<NonNullable<Page[Items]>> {
  const seen = new Set<unknown>();
  let empty = 0;
  for await (const page of pages) {
    const token = page[next];
    if (token) {
      if (seen.has(token)) throw new Error('the listing does not end: it names a next page that it has named before');
      seen.add(token);
    }
    const listed = page[items] as NonNullable<Page[Items]>;
    empty = Array.isArray(listed) && listed.length === 0 ? empty + 1 : 0;
    if (empty > MOST_EMPTY_PAGES) {
      throw new Error(`the listing does not end: it gave more than ${MOST_EMPTY_PAGES} empty pages in a row`);
    }
    yield listed;
  }
}

/**
 * Asks for the next page before it gives this one, so that it is on its way while this one is evaluated.
 *
 * @throws what `pages` throws, once the pages before it were given.
 */
export async function* oneAhead<Page>(pages: AsyncGenerator<Page>): AsyncGenerator<Page> {
  let asked = pages.next();
  for (;;) {
    const { done, value } = await asked;
    if (done) return;
    asked = pages.next();
    // Its error is thrown when it is waited for, after this page.
    asked.catch(() => {});
    // What asks for it is several steps away from the network, and evaluating this page would hold them up.
    await nextTurn();
    yield value;
  }
}
