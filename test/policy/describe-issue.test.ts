import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { describeIssue } from '../../src/policy/describe-issue.ts';

/** What is said of each thing that is wrong with a value. */
function describeAll(schema: z.core.$ZodType, value: unknown): string[] | undefined {
  return z.safeParse(schema, value).error?.issues.map((issue) => describeIssue(issue, value));
}

describe('a value that is not what it must be is told in plain words', () => {
  const fork = z.discriminatedUnion('effect', [
    z.object({ effect: z.literal('allow') }),
    z.object({ effect: z.literal('deny') }),
  ]);
  const onPort = z.union([z.object({ port: z.number() }), z.object({ ports: z.array(z.number()) })]);

  test.each<[string, z.core.$ZodType, unknown, string]>([
    ['an object', z.object({}), 'x', 'must be an object: it is `x`'],
    ['an object of any keys', z.record(z.string(), z.string()), 5, 'must be an object: it is 5'],
    ['a list', z.array(z.string()), {}, 'must be a list: it is (an object)'],
    ['a text', z.string(), 111122223333, 'must be a text: it is 111122223333'],
    ['a number', z.number(), '6379', 'must be a number: it is `6379`'],
    ['a whole number', z.int(), 6379.5, 'must be a whole number: it is 6379.5'],
    ['yes or no', z.boolean(), 'yes', 'must be true or false: it is `yes`'],
    ['one text only', z.literal('vpc'), 'classic', 'must be vpc: it is `classic`'],
    ['one of several', z.enum(['vpc', 'classic']), 'x', 'must be one of vpc, classic: it is `x`'],
    ['one of several kinds', fork, { effect: 'maybe' }, 'must be one of allow, deny: it is `maybe`'],
    ['a grant', z.object({ grant: onPort }), { grant: {} }, 'must say what is reached and by whom: it is (an object)'],
    ['a list with something in it', z.array(z.string()).check(z.minLength(1)), [], 'must not be empty: it is a list'],
    ['a number from 1', z.number().check(z.minimum(1)), 0, 'must not be below 1: it is 0'],
    ['a number up to 9', z.number().check(z.maximum(9)), 10, 'must not be above 9: it is 10'],
    ['a text of a form', z.string().check(z.regex(/^a$/)), 'b', 'is not what it must be: it is `b`'],
    ['a text that is good', z.string().check(z.refine(() => false)), 'b', 'is not what it must be: it is `b`'],
  ])('%s', (_, schema, value, message) => {
    expect(describeAll(schema, value)).toEqual([message]);
  });

  test('never in the words of zod, whichever language it speaks', () => {
    const { error } = z.safeParse(z.string(), 5, { error: () => 'Ungültige Eingabe' });

    expect(error?.issues.map((issue) => describeIssue(issue, 5))).toEqual(['must be a text: it is 5']);
  });

  test('in our own words where the schema has some', () => {
    const day = z.string().check(z.refine(() => false, { error: 'must be a day' }));

    expect(describeAll(day, 'x')).toEqual(['must be a day']);
  });
});

describe('what is there instead', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'missing'],
    ['null', null, '(null)'],
    ['a number', 0, '0'],
    ['true', true, 'true'],
    ['false', false, 'false'],
    ['a list', ['secret'], 'a list'],
    ['an object', { key: 'secret' }, '(an object)'],
  ])('is told if it is %s', (_, value, shown) => {
    expect(describeAll(z.string().check(z.refine(() => true)), value) ?? []).toEqual([
      `must be a text: it is ${shown}`,
    ]);
  });

  test('is never shown at full length, if it is a text', () => {
    expect(describeAll(z.number(), `${'x'.repeat(1_000)}\n`)).toEqual([
      `must be a number: it is \`${'x'.repeat(64)}...\``,
    ]);
  });

  test.each<[string, unknown, string]>([
    ['deep in a document', { cases: [{ name: 'a' }, { name: 5 }] }, '5'],
    ['missing in a document', { cases: [{}] }, 'missing'],
  ])('is found %s', (_, document, shown) => {
    const schema = z.object({ cases: z.array(z.object({ name: z.string() })) });

    expect(describeAll(schema, document)).toEqual([`must be a text: it is ${shown}`]);
  });

  test.each<[string, unknown]>([
    ['a text', 'sessions'],
    ['null', null],
    ['a number', 5],
    ['nothing', undefined],
  ])('is missing, where the thing that it belongs to is %s', (_, grant) => {
    const check = z.superRefine((_, context) => {
      context.addIssue({ code: 'invalid_type', expected: 'string', path: ['grant', 'length'], input: undefined });
    });

    expect(describeAll(z.any().check(check), { grant })).toEqual(['must be a text: it is missing']);
  });

  test('is missing, not what every object has', () => {
    const schema = z.object({ constructor: z.string() });

    expect(describeAll(schema, {})).toEqual(['must be a text: it is missing']);
  });
});
