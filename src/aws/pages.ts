/**
 * The pages of a listing as the SDK's paginators give them, and an error if they would go on for ever: if what stands for the
 * next page stood for one before. AWS does not do that; a broken endpoint in its place may. To stop there without a word would
 * be to take for all what may be half.
 *
 * @param nextOf what a page says stands for the next one; undefined or empty if it is the last.
 * @throws what the paginator throws, and an error when the listing repeats itself.
 */
export async function* pagesToTheEnd<Page>(
  pages: AsyncIterable<Page>,
  nextOf: (page: Page) => string | undefined,
): AsyncGenerator<Page> {
  // Brent's way to find a circle with one value kept: the one of the 1st, 2nd, 4th, 8th … page.
  let kept: string | undefined;
  let keepsAt = 1;
  let count = 0;
  for await (const page of pages) {
    const next = nextOf(page);
    if (next && next === kept)
      throw new Error('the listing does not end: it names a next page that it has named before');
    yield page;
    if (++count < keepsAt) continue;
    kept = next;
    keepsAt *= 2;
  }
}
