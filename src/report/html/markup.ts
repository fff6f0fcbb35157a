import { visible } from '../wording.ts';

/** Text that is HTML already. Only `html` and `raw` make it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = Markup | string | number | undefined | false | readonly Value[];

/** HTML from a template. Every value becomes text, whatever it holds; only markup made here stays markup. */
export function html(template: TemplateStringsArray, ...values: readonly Value[]): Markup {
  let text = template[0] as string;
  for (const [i, value] of values.entries()) text += `${toHtml(value)}${template[i + 1]}`;
  return new Markup(text);
}

/** What is known to be HTML: the page's own styles and scripts, and base64. */
export function raw(text: string): Markup {
  return new Markup(text);
}

function toHtml(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (value === undefined || value === false) return '';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  return value.map(toHtml).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A value as text, also within quoted attributes. Line breaks stay; other characters that no one sees are shown. */
function escaped(text: string): string {
  const seen = text.split('\n').map(visible).join('\n');
  return seen.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/** A sentence in which `names` stand between backticks, with those as code. */
export function sentence(text: string): Markup {
  return html`${text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
