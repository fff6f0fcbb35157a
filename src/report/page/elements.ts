import { visible } from '../wording.ts';

type Attributes = Readonly<Record<string, string | undefined>>;

/** A new element. Texts become text, never markup: names come from anybody. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** A value from outside, whole, as code. */
export function code(value: string, look = ''): HTMLElement {
  return element('code', { class: look === '' ? undefined : look }, visible(value));
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
