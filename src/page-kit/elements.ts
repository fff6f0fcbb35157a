import { visible } from './visible.ts';

type Attributes = Readonly<Record<string, string | undefined>>;

/** What can be in an element. What is `undefined` or `false` is left out. */
export type Child = Node | string | undefined | false;

/** A new element. Texts become text, never markup: names come from anyone. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes,
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

/** Ids of AWS's, and ranges of addresses: half of one would read as another. */
const WHOLE = /^(?:[a-z]{2,8}-[0-9a-f]{8,17}|[0-9a-f.:]{2,39}\/[0-9]{1,3})$/;

/** A value from outside, whole, as code. */
export function code(value: string, look = WHOLE.test(value) ? 'whole' : ''): HTMLElement {
  if (look === 'whole' && value.length > LONGEST_WHOLE) return longRange(value);
  return element('code', { class: look === '' ? undefined : look }, visible(value));
}

/** What fits on a line of a telephone together with its surroundings. */
const LONGEST_WHOLE = 24;

/** A range of IPv6 in full: a line may end after a colon, and nowhere else. */
function longRange(range: string): HTMLElement {
  const parts = range.split(/(?<=:)/).flatMap((part) => [part, document.createElement('wbr')]);
  return element('code', { class: 'parts' }, ...parts.slice(0, -1));
}

/** A sentence in which `names` stand between backticks, with those as code. */
export function sentence(text: string): (Node | string)[] {
  return text.split('`').map((part, i) => (i % 2 === 1 ? code(part) : visible(part)));
}

export function button(
  attributes: Attributes,
  text: string,
  onClick: (self: HTMLButtonElement) => void,
): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, text);
  made.addEventListener('click', () => onClick(made));
  return made;
}

/** A button that puts a text on the clipboard, and says that it did. */
export function copyButton(what: string, text: () => string): HTMLButtonElement {
  const label = `Copy ${what}`;
  return button({ class: 'copy' }, label, async (self) => {
    self.textContent = (await copy(text())) ? 'Copied' : 'Could not copy: select it instead';
    setTimeout(() => {
      self.textContent = label;
    }, 2000);
  });
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
