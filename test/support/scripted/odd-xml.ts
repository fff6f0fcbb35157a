import fc from 'fast-check';
import { hostileKey, hostileText, mutatedText } from '../examples/hostile.ts';

/** An element of an answer: with a text in it, or with others. */
export interface OddElement {
  readonly name: string;
  readonly content: string | readonly OddElement[];
}

export type Content = OddElement['content'];

/** Without lone surrogates: UTF-8 has none, so that an answer would hold another text than the test believes. */
const encodableText = hostileText.map((text) => text.toWellFormed());

/** Elements, each with what may be in it. Most are there as they should be; some are missing, empty, doubled or strangers. */
export function oddElements(
  members: Readonly<Record<string, fc.Arbitrary<Content | undefined>>>,
): fc.Arbitrary<readonly OddElement[]> {
  const each = Object.entries(members).map(([name, sound]) => {
    const one = sound.map((content) => (content === undefined ? [] : [{ name, content }]));
    return fc.oneof(
      { weight: 60, arbitrary: one },
      { weight: 1, arbitrary: fc.constantFrom([], [{ name, content: '' }]) },
      { weight: 1, arbitrary: encodableText.map((content) => [{ name, content }]) },
      { weight: 1, arbitrary: fc.array(one, { minLength: 2, maxLength: 2 }).map((twice) => twice.flat()) },
    );
  });
  const strangers = fc.oneof(
    { weight: 20, arbitrary: fc.constant([]) },
    fc.tuple(hostileKey.filter(isName), encodableText).map(([name, content]) => [{ name, content }]),
  );
  return fc
    .tuple(...each, strangers)
    .map((groups) => groups.flat())
    .chain((elements) => fc.shuffledSubarray(elements, { minLength: elements.length }));
}

function isName(text: string): boolean {
  return /^[A-Za-z_]{1,20}$/.test(text);
}

/** As XML. */
export function toXml(elements: readonly OddElement[]): string {
  return elements
    .map(({ name, content }) => `<${name}>${typeof content === 'string' ? escaped(content) : toXml(content)}</${name}>`)
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;');
}

const PIECES = [
  ...['<', '>', '</', '/>', '&', '&amp;', '&#0;', '&#xD800;', '&x;', '<![CDATA[', ']]>', '<!--', '-->', '<?xml?>'],
  ...['<item>', '</item>', '<member/>', '<__proto__>x</__proto__>', '<constructor/>', '#text', ' xmlns="x"'],
  '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxxxxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]>',
];

/** This XML, damaged. */
export function damaged(xml: string): fc.Arbitrary<string> {
  return mutatedText([xml], PIECES);
}

/** Whether an element is there twice that is not among these, members of lists, at any depth. Of such the SDK takes one, or none. */
export function hasDoubled(elements: readonly OddElement[], ...members: readonly string[]): boolean {
  const names = elements.map(({ name }) => name).filter((name) => !members.includes(name));
  return (
    new Set(names).size < names.length ||
    elements.some(({ content }) => typeof content !== 'string' && hasDoubled(content, ...members))
  );
}

/** What an answer says, for those who want to know whether it was said: the text of each element of this name. */
export function saidIn(elements: readonly OddElement[], name: string): readonly string[] {
  return elements.flatMap((element) =>
    element.name === name && typeof element.content === 'string' ? [element.content] : [],
  );
}

/** The elements that are in each element of this name. */
export function inside(elements: readonly OddElement[], name: string): readonly OddElement[] {
  return elements.flatMap((element) =>
    element.name === name && typeof element.content !== 'string' ? element.content : [],
  );
}
