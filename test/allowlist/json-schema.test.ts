import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { allowlistJsonSchema } from '../../src/allowlist/json-schema.ts';
import { KNOWN_KEYS } from '../../src/policy/parse-allowlist.ts';

it('is published as it is made from the schema that checks (npm run schema writes it)', () => {
  const published = readFileSync(new URL('../../schema/allowlist.schema.json', import.meta.url), 'utf8');

  expect(JSON.parse(published)).toEqual(allowlistJsonSchema());
});

it('describes every key of either kind of rule, and knows no others', () => {
  const { properties, additionalProperties } = allowlistJsonSchema() as {
    properties: { rules: { items: { anyOf: readonly RuleSchema[] } } };
    additionalProperties: boolean;
  };

  const kinds = properties.rules.items.anyOf;

  expect(additionalProperties).toBe(false);
  expect(kinds.map((rule) => Object.keys(rule.properties))).toEqual([KNOWN_KEYS.classicRule, KNOWN_KEYS.vpcRule]);
  for (const rule of kinds) {
    expect(rule.additionalProperties).toBe(false);
    for (const [key, { description }] of Object.entries(rule.properties)) expect(description, key).toMatch(/\.$/);
  }
});

interface RuleSchema {
  readonly properties: Record<string, { readonly description?: string }>;
  readonly additionalProperties: boolean;
}
