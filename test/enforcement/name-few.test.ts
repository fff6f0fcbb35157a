import { expect, test } from 'vitest';
import { nameFew } from '../../src/enforcement/name-few.ts';

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b', 'c'], 'a, b, c'],
  [['a', 'b', 'c', 'd'], 'a, b, c, and 1 more'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c, and 2 more'],
])('at most three are named, and the rest are counted if there are any: %j', (items, expected) => {
  const named = nameFew(items, ', ');

  expect(named).toBe(expected);
});
