import { expect, test } from 'vitest';
import { didYouMean } from '../../src/allowlist/did-you-mean.ts';

const KNOWN = ['mode', 'maxRevocations', 'alertEmail'];

test.each([
  ['mod', 'mode'],
  ['mdoe', 'mode'],
  ['MODE', 'mode'],
  ['max-revocations', 'maxRevocations'],
  ['MAX_REVOCATIONS', 'maxRevocations'],
  [' alert email', 'alertEmail'],
  ['maxRevokations', 'maxRevocations'],
])('by %j is meant %s', (written, meant) => {
  expect(didYouMean(written, KNOWN)).toBe(meant);
});

test.each(['', 'shared', 'x'.repeat(1000)])('by %j nothing is meant', (written) => {
  expect(didYouMean(written, KNOWN)).toBeUndefined();
});

test('nothing is meant where nothing is known', () => {
  expect(didYouMean('mode', [])).toBeUndefined();
});
