import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  mergeTemplates,
  type Template,
  withParameter,
  withValue,
} from '../../../../stack/packaging/artifact/template.ts';
import { decideTemplate } from '../../../support/packaged/decide-template.ts';

/** What properties can hold: also functions of CloudFormation, and lists. */
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'b', 1, { Ref: 'Queue' }, { 'Fn::Sub': '${Queue.Arn}/*' }, { 'Fn::GetAtt': ['Queue', 'Arn'] }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('One', 'Two', 'Three'), tie('value')),
  ),
})).value as fc.Arbitrary<unknown>;
const template: fc.Arbitrary<Template> = fc.record({
  Description: fc.constant('A stack'),
  Resources: fc.dictionary(
    fc.constantFrom('Queue', 'Topic', 'Role'),
    value.map((Properties) => ({ Type: 'AWS::SQS::Queue', Properties })),
  ),
  Outputs: fc.dictionary(
    fc.constantFrom('Url', 'Arn'),
    value.map((Value) => ({ Value })),
  ),
});
/** A template with what is in the other one too. */
const within = <Entry>(entries: Readonly<Record<string, Entry>>, others: object): Record<string, Entry> =>
  Object.fromEntries(Object.entries(entries).filter(([id]) => id in others));

const roleWith = (Statement: unknown[]): Template => ({
  Resources: { Role: { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyDocument: { Statement } }] } } },
});
const queueWith = (Properties: unknown): Template => ({
  Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties } },
});
const NO_VALUE = { Ref: 'AWS::NoValue' };

describe('templates in one', () => {
  test('are the full one where the condition holds, and else the other', () => {
    fc.assert(
      fc.property(template, template, (full, any) => {
        const { Resources, Outputs = {} } = any;
        const other = {
          ...any,
          Resources: within(Resources, full.Resources),
          Outputs: within(Outputs, full.Outputs ?? {}),
        };
        // As it is written to a file.
        const merged = JSON.parse(JSON.stringify(mergeTemplates(full, new Map([['Yes', other]]))));

        const where = (holds: boolean) => decideTemplate(merged, { parameters: {}, conditions: { Yes: holds } });
        expect(where(true)).toEqual({ ...full, Conditions: {} });
        expect(where(false)).toEqual({ ...other, Conditions: {} });
      }),
    );
  });

  test('are what is left of a list where some conditions hold and others do not', () => {
    const KINDS = ['Enforces', 'Imports', 'Traces'];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('always', ...KINDS), { maxLength: 8 }),
        fc.subarray(KINDS),
        (kinds, held) => {
          const listWith = (conditions: string[]) =>
            kinds.flatMap((kind, at) => (kind === 'always' || conditions.includes(kind) ? [`${kind} ${at}`] : []));
          const without = KINDS.map(
            (kind) => [kind, roleWith(listWith(KINDS.filter((other) => other !== kind)))] as const,
          );

          const merged = mergeTemplates(roleWith(listWith(KINDS)), new Map(without));

          const conditions = Object.fromEntries(KINDS.map((kind) => [kind, held.includes(kind)]));
          expect(decideTemplate(merged, { parameters: {}, conditions }).Resources).toEqual(
            roleWith(listWith(held)).Resources,
          );
        },
      ),
    );
  });

  test('are one of them if all are the same', () => {
    const one = queueWith({ A: [1, { B: 2 }] });

    expect(mergeTemplates(one, new Map([['Yes', structuredClone(one)]]))).toMatchObject(one);
  });

  test('say a difference where it is, and nothing twice', () => {
    const without = new Map([
      ['Enforces', roleWith(['look', 'import'])],
      ['Imports', roleWith(['look', 'revoke'])],
    ]);

    const { Resources } = mergeTemplates(roleWith(['look', 'revoke', 'import']), without);

    const revoke = { 'Fn::If': ['Enforces', 'revoke', NO_VALUE] };
    const imports = { 'Fn::If': ['Imports', 'import', NO_VALUE] };
    expect(Resources).toEqual(roleWith(['look', revoke, imports]).Resources);
  });

  test('take a function of CloudFormation as a whole: it takes no condition inside', () => {
    const [one, other] = [{ 'Fn::Sub': '${Queue}/a' }, { 'Fn::Sub': '${Queue}/b' }];

    const { Resources } = mergeTemplates(queueWith({ A: one }), new Map([['Yes', queueWith({ A: other })]]));

    expect(Resources).toEqual(queueWith({ A: { 'Fn::If': ['Yes', one, other] } }).Resources);
  });

  test.each<[string, Record<string, Template>, string]>([
    [
      'a type',
      { Yes: { Resources: { Queue: { Type: 'AWS::SNS::Topic', Properties: {} } } } },
      'more than its Properties',
    ],
    [
      'a policy of deletion',
      { Yes: { Resources: { Queue: { Type: 'AWS::SQS::Queue', DeletionPolicy: 'Retain', Properties: {} } as never } } },
      'Queue differs in more than its Properties',
    ],
    [
      'a resource that the full one lacks',
      { Yes: { Resources: { ...queueWith({}).Resources, Topic: { Type: 'T' } } } },
      'Topic: only',
    ],
    [
      'one value by two conditions',
      { Yes: queueWith({ A: 1 }), No: queueWith({ A: 2 }) },
      'Queue.A depends on Yes and No',
    ],
    ['a resource by two conditions', { Yes: { Resources: {} }, No: { Resources: {} } }, 'Queue depends on Yes and No'],
  ])('cannot be one if they differ in %s', (_, without, problem) => {
    expect(() => mergeTemplates(queueWith({}), new Map(Object.entries(without)))).toThrow(problem);
  });
});

describe('a parameter', () => {
  test('stands in the place of a text, of a part of one, and in what substitutes already', () => {
    const written = ['/a/b', 'ssm:/a/b', { 'Fn::Sub': '${AWS::Partition}:parameter/a/b' }, { deep: [{ '/a/b': 1 }] }];

    expect(withParameter(written, '/a/b', 'Name')).toEqual([
      { Ref: 'Name' },
      { 'Fn::Sub': 'ssm:${Name}' },
      { 'Fn::Sub': '${AWS::Partition}:parameter${Name}' },
      { deep: [{ '/a/b': 1 }] },
    ]);
  });

  test('stands in the place of a whole list, and of nothing like it', () => {
    const list = [{ 'Fn::Sub': 'us-east-1' }];

    expect(withValue({ a: list, b: [list, 'us-east-1'], c: [...list, 1] }, list, { Ref: 'Regions' })).toEqual({
      a: { Ref: 'Regions' },
      b: [{ Ref: 'Regions' }, 'us-east-1'],
      c: [...list, 1],
    });
  });
});
