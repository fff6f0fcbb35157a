import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cellsOf, sentencesOf } from '../support/tools/markdown.ts';

const DOCS = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md')];
/** What users read. Decisions and criteria are for who works on Ingress Guard. */
const OF_USERS = DOCS.filter((page) => !/^docs\/decisions\/|-criteria\.md$/.test(page));

const lengthOf = (text: string): number => text.split(/\s+/).filter(Boolean).length;
const readAll = (pages: readonly string[], read: (markdown: string) => string[]) =>
  pages.flatMap((page) => read(readFileSync(page, 'utf8')).map((text) => ({ page, text, length: lengthOf(text) })));

test('no cell of a table has more than 25 words', () => {
  const cells = readAll(DOCS, cellsOf);

  expect(cells.length).toBeGreaterThan(1000);
  expect(cells.filter(({ length }) => length > 25)).toEqual([]);
});

test('half of the sentences that users read have at most 14 words', () => {
  const lengths = readAll(OF_USERS, sentencesOf).map(({ length }) => length);
  const [median = 0] = lengths.toSorted((one, other) => one - other).slice(lengths.length >> 1);

  expect(lengths.length).toBeGreaterThan(2000);
  expect(median).toBeLessThanOrEqual(14);
});

test('no sentence has more than 20 words', () => {
  const sentences = readAll(DOCS, sentencesOf);

  expect(sentences.length).toBeGreaterThan(3000);
  expect(sentences.filter(({ length }) => length > 20)).toEqual([]);
});

test('no sentence and no cell has a word that slows a reader down', () => {
  const slow = /\b(told|mend(s|ed|ing)?|beside|whoever|nobody|somebody|likewise|lest|anew)\b/i;

  const texts = [...readAll(DOCS, sentencesOf), ...readAll(DOCS, cellsOf)];

  expect(texts.filter(({ text }) => slow.test(text))).toEqual([]);
});

test('a page with a time of the local AWS says what CloudTrail takes on AWS', () => {
  const withTimes = OF_USERS.filter((page) => /\d (ms|µs)\b/.test(readFileSync(page, 'utf8')));

  expect(withTimes).toContain('README.md');
  for (const page of withTimes) {
    const text = readFileSync(page, 'utf8').replaceAll(/\s+/g, ' ');
    expect(text, page).toMatch(/CloudTrail[^.]*seconds to minutes|seconds to minutes after the call/);
  }
});
