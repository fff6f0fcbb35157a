/**
 * The pages of a listing as the SDK's paginators give them. A listing that names a next page for the second time never ends:
 * that is an error. AWS does not do so; a broken endpoint in its place may. To stop without an error would report half of a
 * listing as all of it.
 *
 * @param nextOf the token of the next page; undefined or empty on the last page.
 * @throws what the paginator throws, and an error when the listing repeats itself.
 */
export async function* pagesToTheEnd<Page>(
  pages: AsyncIterable<Page>,
  nextOf: (page: Page) => string | undefined,
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  for await (const page of pages) {
    const next = nextOf(page);
    if (next) {
      if (seen.has(next)) throw new Error('the listing does not end: it names a next page that it has named before');
      seen.add(next);
    }
    yield page;
  }
}
