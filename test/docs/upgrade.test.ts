import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OUTCOME_SCHEMA_VERSION } from '../../src/policy/outcome.ts';
import { SCHEMA_VERSION } from '../../src/report/audit-report.ts';
import { tableUnder } from '../support/tools/markdown.ts';

const PAGE = readFileSync('docs/how-to/upgrade.md', 'utf8');

test('upgrade.md has the schema versions of today', () => {
  const versions = tableUnder(PAGE, '## Schema versions').map(([, version]) => version);

  expect(versions).toEqual(['1', OUTCOME_SCHEMA_VERSION, SCHEMA_VERSION]);
});

test('upgrade.md says what each second number added, up to those of today', () => {
  const rows = tableUnder(PAGE, '## Schema versions', 1);
  const latest = (column: number) => rows.filter((row) => row[column] !== '').at(-1)?.[0];

  expect(latest(1)).toBe(OUTCOME_SCHEMA_VERSION);
  expect(latest(2)).toBe(SCHEMA_VERSION);
});
