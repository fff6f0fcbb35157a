import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeTemplates, type Template, withParameter } from '../../../../stack/packaging/artifact/template.ts';
import { decideTemplate } from '../../../support/packaged/decide-template.ts';

const CHOICE = { name: 'Yes', opposite: 'No', test: { 'Fn::Equals': [{ Ref: 'Mode' }, 'enforce'] } };

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

describe('two templates in one', () => {
  test('are the first where the condition holds, and else the second', () => {
    fc.assert(
      fc.property(template, template, (yes, no) => {
        const merged = mergeTemplates(CHOICE, yes, no);

        const where = (holds: boolean) =>
          decideTemplate(merged, { parameters: {}, conditions: { Yes: holds, No: !holds } });
        expect(where(true)).toEqual({ ...yes, Conditions: {} });
        expect(where(false)).toEqual({ ...no, Conditions: {} });
      }),
    );
  });

  test('are one of them if both are the same, but for the condition that no one asks', () => {
    const one = { Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { A: [1, { B: 2 }] } } } };

    expect(mergeTemplates(CHOICE, one, structuredClone(one))).toMatchObject(one);
  });

  test('say a difference where it is, and nothing twice', () => {
    const role = (Statement: unknown[]) => ({
      Resources: { Role: { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyDocument: { Statement } }] } } },
    });

    const { Resources } = mergeTemplates(CHOICE, role(['look', 'revoke']), role(['look']));

    const Statement = { 'Fn::If': ['Yes', ['look', 'revoke'], ['look']] };
    expect(Resources.Role?.Properties).toEqual({ Policies: [{ PolicyDocument: { Statement } }] });
  });

  test.each([
    ['a type', { Type: 'AWS::SNS::Topic', Properties: {} }, 'Queue differs in more than its properties'],
    ['a policy of deletion', { Type: 'AWS::SQS::Queue', DeletionPolicy: 'Retain', Properties: {} }, 'Queue differs in'],
  ])('cannot be one if they differ in %s', (_, other, problem) => {
    const one = { Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: {} } } };

    expect(() => mergeTemplates(CHOICE, one, { Resources: { Queue: other } })).toThrow(problem);
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
});
