import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const PAGE = readFileSync('docs/explanation/organization-criteria.md', 'utf8');
const [, ...CRITERIA] = PAGE.split(/^(?=\d+\. )/m);

test('the criteria are 22, each with a test or the words that none holds it', () => {
  expect(CRITERIA.map((one) => Number.parseInt(one, 10))).toEqual(Array.from({ length: 22 }, (_, i) => i + 1));
  for (const one of CRITERIA) expect(one).toMatch(/^ +- test\/|\*\*Not held/m);
});

test('each test that holds a criterion exists, with its title', () => {
  const named = [...PAGE.matchAll(/^ +- (test\/\S+): `(.+)`$/gm)];

  expect(named.length).toBe(PAGE.match(/^ +- /gm)?.length);
  expect(named.length).toBeGreaterThan(50);
  for (const [, file = '', title = ''] of named) expect(readFileSync(file, 'utf8'), file).toContain(title);
});
