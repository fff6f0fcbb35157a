/** A fenced block: ```yaml allowlist.yaml */
export interface Block {
  readonly language: string;
  /** What stands after the language: for us, a file's name. */
  readonly name: string;
  readonly text: string;
}

export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', name = '', text = '']) => ({
      language,
      name,
      text,
    }),
  );
}

/** The rows of the first table after a heading, without its head; each cell as it is written. */
export function tableUnder(markdown: string, heading: string, nth = 0): string[][] {
  const from = markdown.indexOf(`\n${heading}\n`);
  if (from < 0) throw new Error(`there is no ${heading}`);
  const tables = markdown.slice(from).matchAll(/(?:^\|.*\|\n)+/gm);
  const table = [...tables][nth]?.[0];
  if (table === undefined) throw new Error(`there is no table under ${heading}`);
  const rows = table.trimEnd().split('\n').slice(2);
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** The code spans in a cell: `a`, `b`. */
export function codesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]*)`/g)].map(([, code]) => code as string);
}
