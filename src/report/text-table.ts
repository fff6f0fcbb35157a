import type { styleText } from 'node:util';
import Table from 'cli-table3';
import { printable } from '../policy/quote.ts';

export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** Between columns. */
const PADDING = 2;

/** What is in a cell: one text, or several lines of it. */
export type Cell = string | readonly string[];

/** A table no wider than `width`, except for ids and ranges, which stay whole. Nothing is cut: what does not fit is on the next line. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paint: Paint,
): string {
  const cells = rows.map((row) =>
    row.map((cell) =>
      [cell]
        .flat()
        .map((line) => printable(line, 1000))
        .join('\n'),
    ),
  );
  const widths = columnWidths([heads, ...cells], width);
  // The heads are laid out by themselves: within a table, colours would be wrapped like letters.
  return [...layOut([heads], widths).map((line) => paint('dim', line)), ...layOut(cells, widths)].join('\n');
}

function layOut(rows: readonly (readonly string[])[], colWidths: number[]): string[] {
  const made = new Table({
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': PADDING },
    chars: NO_LINES,
    colWidths,
  });
  made.push(...rows.map((row) => row.map((cell, i) => wrap(cell, (colWidths[i] as number) - PADDING))));
  return indent(made.toString()).split('\n');
}

const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'mid', 'left', 'right', 'middle'].flatMap((side) => [
    [side, ''],
    ...['mid', 'left', 'right'].map((corner) => [`${side}-${corner}`, '']),
  ]),
);

/** In lines of at most `width`: between words, or within those that are longer than a line. */
function wrap(text: string, width: number): string {
  const lines = text
    .split('\n')
    .map((line) => line.match(new RegExp(`\\S(?:.{0,${width - 1}}(?= |$)|.{0,${width - 1}})`, 'g')));
  return lines.flatMap((parts) => parts ?? []).join('\n');
}

/** An IPv6 range is no longer. Half an id is no id, and `192.0.2.19/3` above a `2` is another range. */
const LONGEST_WHOLE = 43;

/** As wide as the widest cell; if that is too much, the widest columns give, as long as ids and ranges stay whole. */
function columnWidths(rows: readonly (readonly string[])[], width: number): number[] {
  const partsOf = (column: number, between: RegExp) => rows.flatMap((row) => (row[column] ?? '').split(between));
  const lengths = (parts: readonly string[]) => parts.map((part) => part.length + PADDING);
  const columns = (rows[0] as readonly string[]).map((_, column) => ({
    width: Math.max(...lengths(partsOf(column, /\n/))),
    least: Math.max(6, ...lengths(partsOf(column, /\s/).filter((part) => part.length <= LONGEST_WHOLE))),
  }));
  for (let over = columns.reduce((sum, one) => sum + one.width, 0) - (width - 2); over > 0; over--) {
    const [widest] = columns.filter((one) => one.width > one.least).sort((a, b) => b.width - a.width);
    if (widest === undefined) break;
    widest.width -= 1;
  }
  return columns.map((one) => one.width);
}

export function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
}
