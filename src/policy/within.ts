/** Whether all of these are among others. */
export function isWithin<Item>(items: readonly Item[], all: readonly Item[]): boolean {
  return items.every((item) => all.includes(item));
}

/** The same where nothing said means no limit. */
export function isLimitedWithin<Item>(items: readonly Item[] | undefined, all: readonly Item[] | undefined): boolean {
  return all === undefined || (items !== undefined && isWithin(items, all));
}
