import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import GithubSlugger from 'github-slugger';
import { expect, test } from 'vitest';
import { headingsOf, linksOf } from '../support/tools/markdown.ts';

const PAGES = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md', 'test/**/*.md'], {
  exclude: ['**/node_modules/**'],
});

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const slugger = new GithubSlugger();
  return new Set(headingsOf(readFileSync(page, 'utf8')).map((heading) => slugger.slug(heading)));
}

test('every link from one page to a file or a heading leads somewhere', () => {
  const links = PAGES.flatMap((page) => linksOf(readFileSync(page, 'utf8')).map((link) => ({ page, link }))).filter(
    ({ link }) => !/^[a-z]+:/.test(link),
  );

  const dead = links.filter(({ page, link }) => {
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    return (
      link === '' || !existsSync(file) || (anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).has(anchor))
    );
  });

  expect(links.length).toBeGreaterThan(300);
  expect(dead.map(({ page, link }) => `${page}: ${link}`)).toEqual([]);
});

test('every page of the docs is in their index', () => {
  const pages = globSync('docs/{tutorial,how-to,reference,explanation}/*.md');

  const listed = new Set(linksOf(readFileSync('docs/README.md', 'utf8')).map((link) => join('docs', link)));

  expect(pages.length).toBeGreaterThan(20);
  expect(pages.filter((page) => !listed.has(page))).toEqual([]);
});

test('every page that code, comments or messages name is there', () => {
  const files = globSync(['*.yml', '*.yaml', '{bin,bench,examples,handlers,src,stack}/**/*.{ts,cjs,js,yml,yaml}'], {
    exclude: ['**/node_modules/**'],
  });

  const named = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\bdocs\/[\w/-]+\.md\b/g)].map(([page]) => ({ file, page })),
  );

  expect(named.length).toBeGreaterThan(15);
  expect(named.filter(({ page }) => !existsSync(page))).toEqual([]);
});
