import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { LOOK_AT_RULES } from '../../src/cli/doctor/roles.ts';

const { lookAtRules } = createRequire(import.meta.url)('../../stack/statements.cjs') as {
  readonly lookAtRules: (regions: readonly string[]) => { readonly Action: readonly string[] };
};

test('doctor asks for every permission with which the stack has functions look at rules', () => {
  expect(new Set(LOOK_AT_RULES)).toEqual(new Set(lookAtRules(['us-east-1']).Action));
});
