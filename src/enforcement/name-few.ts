const MOST_NAMED = 3;

/** Some of them, and how many there are besides: an event can name thousands. */
export function nameFew(items: readonly string[], separator: string): string {
  const more = items.length - MOST_NAMED;
  return [...items.slice(0, MOST_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(separator);
}
