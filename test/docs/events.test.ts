import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { compileEventPattern } from '../../src/local/event-pattern.ts';
import { OUTCOME_SCHEMA_VERSION } from '../../src/policy/outcome.ts';
import { outcomeEventJsonSchema, outcomeSchema } from '../../src/report/outcome-schema.ts';
import { blocksOf, codesIn, tableUnder } from '../support/tools/markdown.ts';

const PAGE = readFileSync('docs/reference/events.md', 'utf8');
/** In this order: an event, what another one holds of a security group rule, and a pattern. */
const [EVENT, OF_A_RULE, PATTERN] = blocksOf(PAGE)
  .filter(({ language }) => language === 'json')
  .map(({ text }) => JSON.parse(text));

test.each([
  ['of a cache security group', EVENT.detail.responsePayload],
  ['of a security group rule', OF_A_RULE],
])('the outcome event on the page is as the schema says: %s', (_, payload) => {
  const ajv = new Ajv();
  ajv.validate(outcomeEventJsonSchema(), payload);

  expect(ajv.errors).toBeNull();
});

test('the table of the page has every key of the schema, and no other', () => {
  const named = tableUnder(PAGE, '## The outcome event').flatMap(([keys = '']) => codesIn(keys));

  expect(named.sort()).toEqual(Object.keys(outcomeSchema.shape).sort());
});

test('the outcome events on the page have the version of today', () => {
  expect(EVENT.detail.responsePayload.schemaVersion).toBe(OUTCOME_SCHEMA_VERSION);
  expect(OF_A_RULE.schemaVersion).toBe(OUTCOME_SCHEMA_VERSION);
});

test.each(['enforceIngress', 'enforceSecurityGroup'])('the event of %s is taken by the pattern on the page', (name) => {
  const arn = EVENT.detail.requestContext.functionArn.replace(':$LATEST', '');
  const event = JSON.parse(JSON.stringify(EVENT).replaceAll('-enforceIngress:', `-${name}:`));
  const pattern = JSON.parse(
    JSON.stringify(PATTERN).replaceAll(/THE-ARN-OF-(\w+)/g, (_, one) => arn.replace('enforceIngress', one)),
  );

  expect(compileEventPattern(pattern)(event)).toBe(true);
});
