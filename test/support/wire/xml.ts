/** An element of an XML document. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

const ILLEGAL = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * Reads a small XML document of elements, attributes and text, which is all that AWS's answers have.
 *
 * @throws if it is not well-formed, or has anything else in it.
 */
export function readXml(xml: string): XmlElement {
  if (ILLEGAL.test(xml)) throw new Error(`a character that XML cannot hold: ${JSON.stringify(xml)}`);
  const document: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [document];
  const token = /<(\/?)([A-Za-z_][\w.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex;
    const match = token.exec(xml);
    const parent = open.at(-1) as XmlElement;
    if (match === null) throw new Error(`not well-formed at ${at}: ${xml.slice(at, at + 80)}`);
    const [, closing, name = '', attributes = '', empty, text] = match;
    if (text !== undefined) {
      parent.text += decodeText(text);
    } else if (closing) {
      if (open.pop()?.name !== name || open.length === 0) throw new Error(`</${name}> closes nothing: ${xml}`);
    } else {
      const element = { name, attributes: readAttributes(attributes), children: [], text: '' };
      parent.children.push(element);
      if (!empty) open.push(element);
    }
  }
  const [root, ...others] = document.children;
  if (root === undefined || others.length > 0 || open.length > 1 || document.text.trim() !== '')
    throw new Error(`not one whole element: ${xml}`);
  return root;
}

function readAttributes(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([\w:.-]+)="([^"]*)"/g)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name, decodeText(value ?? '')]));
}

function decodeText(text: string): string {
  return text.replace(/&(?:(\w+)|#(\d+)|#x([0-9a-fA-F]+));|&/g, (whole, name, decimal, hexadecimal) => {
    const named = NAMED[name];
    if (named !== undefined) return named;
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
    throw new Error(`a reference that XML does not know: ${whole}`);
  });
}
