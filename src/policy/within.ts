import type { AnyAllowlistRule } from './allowlist-fields.ts';
import { normalizeIds } from './written.ts';

/** Whether all of these are among others. */
export function isWithin<Item>(items: readonly Item[], all: readonly Item[]): boolean {
  return items.every((item) => all.includes(item));
}

/** The same where nothing said means no limit. */
export function isLimitedWithin<Item>(items: readonly Item[] | undefined, all: readonly Item[] | undefined): boolean {
  return all === undefined || (items !== undefined && isWithin(items, all));
}

/** Whether a rule surely covers every account that another one covers. Which unit is below which is not known. */
export function areAccountsWithin(narrow: AnyAllowlistRule, wide: AnyAllowlistRule): boolean {
  if (wide.accounts === undefined && wide.organizationalUnits === undefined) return true;
  if (narrow.accounts === undefined && narrow.organizationalUnits === undefined) return false;
  return (
    isWithin(normalizeIds(narrow.accounts ?? []), normalizeIds(wide.accounts ?? [])) &&
    isWithin(narrow.organizationalUnits ?? [], wide.organizationalUnits ?? [])
  );
}
