import { expect, test } from 'vitest';
import { OUTCOME_SCHEMA_VERSION } from '../../src/policy/outcome.ts';

test('outcomes say that they can be read by whoever reads those of version 1', () => {
  expect(OUTCOME_SCHEMA_VERSION).toMatch(/^1\.[0-9]+$/);
});
