import { lexer, type Token, type Tokens, walkTokens } from 'marked';

/** A fenced block: ```yaml allowlist.yaml */
export interface Block {
  /** Empty where the fence names none. */
  readonly language: string;
  /** What stands after the language: for us, a file's name. */
  readonly name: string;
  readonly text: string;
}

/** The tokens of a type in these tokens and those inside them, in the order of the page. */
function allOf<T extends Token>(type: T['type'], tokens: readonly Token[]): T[] {
  const found: T[] = [];
  walkTokens([...tokens], (token) => {
    if (token.type === type) found.push(token as T);
  });
  return found;
}

/** The fenced blocks of a page, also those in lists. */
export function blocksOf(markdown: string): Block[] {
  return allOf<Tokens.Code>('code', lexer(markdown)).map(({ lang = '', text }) => {
    const [language = '', name = ''] = lang.split(' ');
    return { language, name, text: `${text}\n` };
  });
}

/** The headings of a page, as they are read. */
export function headingsOf(markdown: string): string[] {
  return allOf<Tokens.Heading>('heading', lexer(markdown)).map(({ tokens }) => plain(tokens));
}

/** Where the links and pictures of a page lead. */
export function linksOf(markdown: string): string[] {
  const tokens = lexer(markdown);
  return [...allOf<Tokens.Link>('link', tokens), ...allOf<Tokens.Image>('image', tokens)].map(({ href }) => href);
}

/**
 * What stands behind a heading (`## Keys`), and that heading's level.
 *
 * @throws if the page does not have it.
 */
function behind(markdown: string, heading: string): { readonly tokens: Token[]; readonly depth: number } {
  const tokens = lexer(markdown);
  const at = tokens.findIndex(({ type, raw }) => type === 'heading' && raw.trim() === heading);
  if (at < 0) throw new Error(`there is no ${heading}`);
  return { tokens: tokens.slice(at + 1), depth: (tokens[at] as Tokens.Heading).depth };
}

/** What stands under a heading (`## Keys`), up to the next one of its level or above. */
export function sectionOf(markdown: string, heading: string): string {
  const { tokens, depth } = behind(markdown, heading);
  const end = tokens.findIndex((token) => token.type === 'heading' && (token as Tokens.Heading).depth <= depth);
  return tokens
    .slice(0, end < 0 ? undefined : end)
    .map(({ raw }) => raw)
    .join('');
}

/** The rows of the first table behind a heading (`## Keys`), or of a later one, without its head; each cell as it is written. */
export function tableUnder(markdown: string, heading: string, nth = 0): string[][] {
  const table = allOf<Tokens.Table>('table', behind(markdown, heading).tokens)[nth];
  if (table === undefined) throw new Error(`there is no table under ${heading}`);
  return table.rows.map((row) => row.map(({ text }) => text));
}

/** The cells of all tables of a page, heads too, as they are read. */
export function cellsOf(markdown: string): string[] {
  const tables = allOf<Tokens.Table>('table', lexer(markdown));
  return tables.flatMap(({ header, rows }) => [header, ...rows].flat().map(({ tokens }) => plain(tokens)));
}

/** The sentences of a page's paragraphs and lists. A code span is one word of a sentence: `Code`. */
export function sentencesOf(markdown: string): string[] {
  const tokens = lexer(markdown).filter(({ type }) => type !== 'table');
  const paragraphs = allOf<Tokens.Paragraph>('paragraph', tokens);
  // Where a list is tight, what its items say is no paragraph.
  const items = allOf<Tokens.Text>('text', tokens).filter((token) => token.tokens !== undefined);
  const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
  return [...paragraphs, ...items].flatMap(({ tokens: inline = [] }) =>
    [...segmenter.segment(plain(inline, 'Code').replaceAll('\n', ' '))].map(({ segment }) => segment.trim()),
  );
}

/** The words of text without its marks; a link is its words. */
function plain(tokens: readonly Token[], code?: string): string {
  return tokens
    .map((token) => {
      if (token.type === 'codespan') return code ?? token.text;
      if ('tokens' in token && token.tokens !== undefined) return plain(token.tokens, code);
      return 'text' in token ? token.text : '';
    })
    .join('');
}

/** The code spans in a cell: `a`, `b`. */
export function codesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]*)`/g)].map(([, code]) => code as string);
}
