// @ts-check

/**
 * A new element. Texts become text, never markup: names and messages come from anybody.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {{ class?: string, [attribute: string]: string | undefined }} attributes
 * @param {...(Node | string | undefined)} children those that are undefined are left out
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/**
 * The element with this id in console.html.
 *
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return found;
}

/**
 * A sentence in which `names` stand between backticks, with those as code.
 *
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function sentence(text) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? element('code', {}, part) : part));
}

const NUMBERS = new Intl.NumberFormat('en');

/** @param {number} ms */
export function milliseconds(ms) {
  return `${NUMBERS.format(ms)} ms`;
}

/** The verdicts: what they are called, and which sign and colour they bear. */
const VERDICTS = new Map([
  ['pending', { words: 'waiting', look: 'quiet' }],
  ['not-judged', { words: 'not judged', look: 'quiet' }],
  ['allowed', { words: 'allowed', look: 'good' }],
  ['revoked', { words: 'revoked', look: 'bad' }],
  ['already-gone', { words: 'already gone', look: 'quiet' }],
  ['would-revoke', { words: 'would revoke', look: 'warn' }],
  ['held', { words: 'held', look: 'warn' }],
  ['not-applicable', { words: 'not applicable', look: 'quiet' }],
  ['ignored', { words: 'ignored', look: 'quiet' }],
  ['rejected', { words: 'rejected', look: 'alarm' }],
  ['failed', { words: 'failed', look: 'alarm' }],
]);

/** @param {string} verdict */
export function wordsOf(verdict) {
  return VERDICTS.get(verdict)?.words ?? verdict;
}

/** @param {string} verdict */
export function badge(verdict) {
  const look = VERDICTS.get(verdict)?.look ?? 'quiet';
  return element('span', { class: `badge ${look}` }, sign(look), wordsOf(verdict));
}

const SIGNS = new Map([
  ['good', 'M3 8.5l3.2 3.2L13 5'],
  ['bad', 'M4 4l8 8M12 4l-8 8'],
  ['warn', 'M8 3v6M8 12v.5'],
  ['alarm', 'M8 2l6.5 11.5h-13zM8 6.5v3M8 11.5v.2'],
  ['quiet', 'M4 8h8'],
]);

/** @param {string} look */
function sign(look) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', SIGNS.get(look) ?? '');
  svg.append(path);
  return svg;
}
