import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { allowlistJsonSchema } from '../../src/allowlist/json-schema.ts';

it('is published as it is made from the schema that checks (npm run schema writes it)', () => {
  const published = readFileSync(new URL('../../schema/allowlist.schema.json', import.meta.url), 'utf8');

  expect(JSON.parse(published)).toEqual(allowlistJsonSchema());
});

it('describes every key, and knows no others', () => {
  const { properties, additionalProperties } = allowlistJsonSchema() as {
    properties: {
      rules: { items: { properties: Record<string, { description?: string }>; additionalProperties: boolean } };
    };
    additionalProperties: boolean;
  };
  const rule = properties.rules.items;

  expect(additionalProperties).toBe(false);
  expect(rule.additionalProperties).toBe(false);
  for (const [key, { description }] of Object.entries(rule.properties)) expect(description, key).toMatch(/\.$/);
});
