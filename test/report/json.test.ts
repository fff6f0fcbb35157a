import { expect, test } from 'vitest';
import { toJson } from '../../src/report/json.ts';
import {
  cleanReport,
  hostileReport,
  incompleteReport,
  largeReport,
  reportOf,
} from '../support/examples/audit-reports.ts';
import { bothKindsReport } from '../support/examples/vpc-audit-reports.ts';

test.each([
  ['no findings', reportOf([])],
  ['a few', cleanReport()],
  ['something not judged', incompleteReport()],
  ['hostile names', hostileReport()],
  ['both kinds of grants', bothKindsReport()],
  ['as many findings as are written at once', largeReport(500, 7)],
  ['more than are written at once', largeReport(1_201, 7)],
])('a report is written as JSON.stringify writes it, and ends with a new line: %s', (_, report) => {
  expect([...toJson(report)].join('')).toBe(`${JSON.stringify(report)}\n`);
});

test('a large report is written in pieces, each of them small', () => {
  const pieces = [...toJson(largeReport(5_000, 7))].map((piece) => piece.length);

  expect(pieces.length).toBeGreaterThan(10);
  expect(Math.max(...pieces)).toBeLessThan(pieces.reduce((sum, length) => sum + length, 0) / 5);
});
