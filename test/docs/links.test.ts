import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import GithubSlugger from 'github-slugger';
import { expect, test } from 'vitest';

const PAGES = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md', 'test/**/*.md'], {
  exclude: ['**/node_modules/**'],
});
/** What is in a fence is no link, and no heading. */
const textOf = (page: string) => readFileSync(page, 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');

function anchorsOf(page: string): Set<string> {
  const slugger = new GithubSlugger();
  const headings = [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return new Set(headings.map((heading) => slugger.slug(heading.replaceAll(/[`*]|\]\([^)]*\)/g, ''))));
}

test('every link from one page to a file or a heading leads somewhere', () => {
  const links = PAGES.flatMap((page) =>
    [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => ({ page, link })),
  ).filter(({ link }) => !/^[a-z]+:/.test(link));

  const dead = links.filter(({ page, link }) => {
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    return !existsSync(file) || (anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).has(anchor));
  });

  expect(links.length).toBeGreaterThan(300);
  expect(dead.map(({ page, link }) => `${page}: ${link}`)).toEqual([]);
});
